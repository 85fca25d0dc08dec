//! ZooKeeper, alone and as an ensemble.
