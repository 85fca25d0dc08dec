//! etcd, alone and as a cluster.
