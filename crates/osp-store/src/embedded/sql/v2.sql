-- Schema 2: what was fetched from elsewhere and may be given up, and what a seeding node follows.

-- Blobs that are kept for others. A blob without a row is the node's own and never given up.
-- rank: log2 of the plays, each counted double for every half-life that it is later; so the order needs no decay.
CREATE TABLE guests (
    blob INTEGER PRIMARY KEY REFERENCES blobs (id),
    pinned INTEGER NOT NULL DEFAULT 0,
    since INTEGER NOT NULL,
    wanted INTEGER NOT NULL,
    rank REAL NOT NULL
);
CREATE INDEX guests_rank ON guests (rank) WHERE pinned = 0;

-- REFs that `osp seed` keeps, and where to ask for them.
CREATE TABLE followed (
    reference TEXT PRIMARY KEY,
    pinned INTEGER NOT NULL,
    since INTEGER NOT NULL,
    sources TEXT NOT NULL
) WITHOUT ROWID;
