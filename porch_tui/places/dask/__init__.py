"""Clusters of dask: the only folder that imports distributed, dask_jobqueue or cryptography.

They come with the extra `dask` and are imported only when a person asks for a cluster.
"""
