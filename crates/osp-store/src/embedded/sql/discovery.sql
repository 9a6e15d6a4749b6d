-- Provider records of the DHT, known peers, own announcements. Disposable: see embedded/discovery.
-- Times are lease time in seconds.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

-- Peers that announced something. Their addresses are kept once, not with each record.
CREATE TABLE holders (
    id        INTEGER PRIMARY KEY,
    peer      BLOB NOT NULL UNIQUE,
    addresses BLOB NOT NULL,
    origin    BLOB NOT NULL,
    records   INTEGER NOT NULL
);

-- Records by the network they came from: the sum over its holders.
CREATE TABLE origins (
    origin  BLOB PRIMARY KEY,
    records INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX origins_records ON origins (records);
CREATE INDEX holders_origin ON holders (origin, records);

CREATE TABLE provisions (
    key     BLOB NOT NULL,
    holder  INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (key, holder)
) WITHOUT ROWID;
CREATE INDEX provisions_holder ON provisions (holder, expires);

CREATE TABLE known (
    peer      BLOB PRIMARY KEY,
    addresses BLOB NOT NULL,
    seen      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX known_seen ON known (seen);

CREATE TABLE announced (
    key BLOB PRIMARY KEY,
    at  INTEGER NOT NULL
) WITHOUT ROWID;
