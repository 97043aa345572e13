-- name: link
-- The link of a root order.
SELECT token, generation, revoked, expires_at FROM tracking_links WHERE root_no = :root_no;

-- name: save_link
-- The link as it is now.
INSERT INTO tracking_links (root_no, token, generation, revoked, expires_at)
VALUES (:root_no, :token, :generation, :revoked, :expires_at)
ON CONFLICT (root_no) DO UPDATE SET token = excluded.token, generation = excluded.generation,
  revoked = excluded.revoked, expires_at = excluded.expires_at;

-- name: opened
-- Which order a token opens.
SELECT root_no FROM tracking_links WHERE token = :token AND revoked = 0 AND expires_at > :now;
