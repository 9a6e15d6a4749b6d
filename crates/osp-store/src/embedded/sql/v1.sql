-- Schema 1. Keys named "cid", "key", "root" and "track" are CIDv1 bytes, whatever form the CID was written in,
-- so that Qm… and bafy… of one block are one key.

-- Counters that every change raises; readers compare them to know whether their caches still hold.
CREATE TABLE generation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    records INTEGER NOT NULL,
    blobs INTEGER NOT NULL
);
INSERT INTO generation VALUES (1, 1, 1);

CREATE TABLE artists (
    id INTEGER PRIMARY KEY,
    did TEXT NOT NULL UNIQUE
);

-- Every record ever taken, in order of arrival.
CREATE TABLE records (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    cid BLOB NOT NULL,
    artist INTEGER NOT NULL REFERENCES artists (id),
    json BLOB NOT NULL
);
CREATE INDEX records_cid ON records (cid);

-- What lists and filters need of a track. state: 0 current, 1 retracted, 2 superseded (by the record by_seq).
-- visible = current and not blocked; the indexes of lists hold visible tracks only.
CREATE TABLE tracks (
    seq INTEGER PRIMARY KEY REFERENCES records (seq),
    artist INTEGER NOT NULL REFERENCES artists (id),
    title TEXT NOT NULL,
    album TEXT NOT NULL,
    disc REAL NOT NULL,
    number REAL NOT NULL,
    content BLOB NOT NULL,
    supersedes BLOB,
    state INTEGER NOT NULL DEFAULT 0,
    by_seq INTEGER REFERENCES records (seq),
    visible INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX tracks_artist ON tracks (artist, album, disc, number, seq) WHERE visible = 1;
CREATE INDEX tracks_album ON tracks (album, artist, disc, number, seq) WHERE visible = 1;
CREATE INDEX tracks_title ON tracks (title, seq) WHERE visible = 1;
CREATE INDEX tracks_content ON tracks (content);
CREATE INDEX tracks_supersedes ON tracks (artist, supersedes) WHERE supersedes IS NOT NULL;

CREATE TABLE track_genres (
    genre TEXT NOT NULL,
    seq INTEGER NOT NULL REFERENCES tracks (seq),
    PRIMARY KEY (genre, seq)
) WITHOUT ROWID;

CREATE TABLE retractions (
    artist INTEGER NOT NULL REFERENCES artists (id),
    track BLOB NOT NULL,
    seq INTEGER NOT NULL REFERENCES records (seq),
    PRIMARY KEY (artist, track, seq)
) WITHOUT ROWID;

-- Audio, artwork, waveform and lyrics that a track names.
CREATE TABLE record_contents (
    key BLOB NOT NULL,
    seq INTEGER NOT NULL REFERENCES tracks (seq),
    PRIMARY KEY (key, seq)
) WITHOUT ROWID;

-- The words of a track, folded, one space between: what full-text candidates are ranked by.
CREATE TABLE track_text (
    seq INTEGER PRIMARY KEY REFERENCES tracks (seq),
    title TEXT NOT NULL,
    artist TEXT NOT NULL,
    album TEXT NOT NULL,
    genre TEXT NOT NULL
);

-- The same of visible tracks, to be searched; "facet" holds one token each for artist, title, album and genres, so
-- that a filter is one more term of the match. Marks are parts of words: folding has left only those that are.
CREATE VIRTUAL TABLE track_words USING fts5 (
    title, artist, album, genre, facet,
    content = '',
    contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'",
    prefix = '1 2 3 4'
);

-- Every word of three letters or more ever indexed (its first 64), for correcting typing errors and completing
-- unfinished words.
CREATE TABLE words (
    id INTEGER PRIMARY KEY,
    word TEXT NOT NULL UNIQUE,
    uses INTEGER NOT NULL
);

-- kind: 0 content, 1 record, 2 artist.
CREATE TABLE blocklist (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    key BLOB NOT NULL,
    value TEXT NOT NULL,
    reason TEXT,
    UNIQUE (kind, key)
);

-- Every root that a blocked content is known by.
CREATE TABLE blocked_content (
    key BLOB NOT NULL,
    block INTEGER NOT NULL REFERENCES blocklist (id),
    PRIMARY KEY (key, block)
) WITHOUT ROWID;

CREATE TABLE blobs (
    id INTEGER PRIMARY KEY,
    cid BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    infohash BLOB NOT NULL,
    piece_length INTEGER NOT NULL,
    pieces BLOB NOT NULL
);
CREATE INDEX blobs_infohash ON blobs (infohash);

-- cid: the root as it was written. leaves: see layouts.rs.
CREATE TABLE layouts (
    id INTEGER PRIMARY KEY,
    blob INTEGER NOT NULL REFERENCES blobs (id),
    root BLOB NOT NULL UNIQUE,
    cid BLOB NOT NULL,
    leaves BLOB NOT NULL
);
CREATE INDEX layouts_blob ON layouts (blob);

CREATE TABLE nodes (
    layout INTEGER NOT NULL REFERENCES layouts (id),
    ordinal INTEGER NOT NULL,
    cid BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (layout, ordinal)
);

-- Where a block is. kind: 0 raw leaf, 1 wrapped File leaf, 2 wrapped Raw leaf (start, len: file bytes);
-- 3 interior node (start: its ordinal).
CREATE TABLE blocks (
    key BLOB NOT NULL,
    layout INTEGER NOT NULL REFERENCES layouts (id),
    kind INTEGER NOT NULL,
    start INTEGER NOT NULL,
    len INTEGER NOT NULL,
    PRIMARY KEY (key, layout)
) WITHOUT ROWID;
