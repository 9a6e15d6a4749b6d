-- Schema 4: what is asked for under the index keys of discovery, withdrawn tracks included: who asks is told what stands
-- in their place.

CREATE INDEX tracks_withdrawn ON tracks (title, seq) WHERE state <> 0;
CREATE INDEX tracks_successors ON tracks (supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX retractions_track ON retractions (track);
