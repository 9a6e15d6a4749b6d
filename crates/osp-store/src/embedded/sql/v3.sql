-- Schema 3: profiles and follows, of each place only the newest record, and whom the user trusts.

CREATE TABLE profiles (
    artist INTEGER PRIMARY KEY REFERENCES artists (id),
    seq INTEGER NOT NULL REFERENCES records (seq),
    updated TEXT NOT NULL
);

-- Pictures that a profile names.
CREATE TABLE profile_contents (
    key BLOB NOT NULL,
    seq INTEGER NOT NULL REFERENCES records (seq),
    PRIMARY KEY (key, seq)
) WITHOUT ROWID;
CREATE INDEX profile_contents_seq ON profile_contents (seq);

-- active: 1 follows, 0 no longer does.
CREATE TABLE follows (
    artist INTEGER NOT NULL REFERENCES artists (id),
    follows INTEGER NOT NULL REFERENCES artists (id),
    seq INTEGER NOT NULL REFERENCES records (seq),
    updated TEXT NOT NULL,
    active INTEGER NOT NULL,
    PRIMARY KEY (artist, follows)
) WITHOUT ROWID;
CREATE INDEX follows_newest ON follows (artist, updated, seq) WHERE active = 1;
CREATE INDEX follows_followers ON follows (follows, updated, seq) WHERE active = 1;

-- Records that were replaced and deleted: a cursor of a feed may stand on their number. The latest of them only.
CREATE TABLE replaced (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL
);

-- The trust list: local, in no record.
CREATE TABLE trusted (
    did TEXT PRIMARY KEY,
    note TEXT,
    since INTEGER NOT NULL
) WITHOUT ROWID;
