// Each test has several processes of its own, and a part of the time of a soak.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
