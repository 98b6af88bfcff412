namespace Holdfast.Configuration.Tests;

public static class Examples
{
    public const string Full = """
        targets:
          local: /var/backups/cellarsync
          offsite:
            url: s3://cellar-backups/prod
            endpoint: http://127.0.0.1:9000
            region: eu-central-1
            pathStyle: true
            accessKey: ${env:KEY}
            secretKey: ${env:SECRET}
            sessionToken: a-token
            caFile: /etc/ssl/my-ca.pem
            enforcedBy: bucket
        databases:
          cellar:
            source: ${env:CELLAR}
            snapshots:
              to: [offsite, local]
              timezone: Europe/Berlin
              method: vacuum-into
              checkpoint: truncate
              busyTimeout: 5s
              check: quick
              name: "cellar-backup-{time:yyyy-MM-dd-HHmmss}.db"
              compress: zstd
              level: 19
              compressAbove: 1MiB
              keep:
                local: { within: 30d, min: 5 }
                offsite: { within: 90d }
            timeline:
              to: [local]
              interval: 500ms
              switchToWal: true
              spool: 256MiB
              keep: { local: { every-commit: 7d } }
            objectives: { rpo: 15m, rto: 1h }
        scratch: /srv/scratch

        """;
}
