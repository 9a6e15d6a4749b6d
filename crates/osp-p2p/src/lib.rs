//! The one libp2p host: transports, identify; Bitswap 1.2 served and asked.
