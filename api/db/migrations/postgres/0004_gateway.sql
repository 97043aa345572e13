-- The gateway: what a channel's mapping was, how a shape of sheet is read, how far an import has come. One section a topic.

-- channels: what they were ---------------------------------------------------------------------------------------
-- Mapping, keywords and the channel that is meant, as `channels.body` has them: one row for each that differed.
CREATE TABLE channel_versions (
  channel TEXT NOT NULL,
  version BIGINT NOT NULL,
  body TEXT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (channel, version)
);

INSERT INTO channel_versions (channel, version, body, who, at)
SELECT code, 1, body, '', changed_at FROM channels;

-- The last messages of one channel, for its page and for a change that is tried on them.
CREATE INDEX inbox_channel ON inbox (channel, id);

-- sheets ---------------------------------------------------------------------------------------------------------
-- `shape`: a hash of the header's names. How a person joined such columns is used again.
CREATE TABLE sheet_mappings (
  channel TEXT NOT NULL,
  shape TEXT NOT NULL,
  mapping TEXT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (channel, shape)
);

-- `done` of `total` sheet orders are in the tables; each hundred is told in the commit that brings it.
CREATE TABLE imports (
  id TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  name TEXT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  total BIGINT NOT NULL,
  done BIGINT NOT NULL,
  status TEXT NOT NULL,
  report TEXT NOT NULL DEFAULT ''
);
CREATE INDEX imports_channel ON imports (channel, at);
