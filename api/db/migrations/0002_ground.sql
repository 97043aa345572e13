-- The ground: what the first schema lacked to be fast and tamper-evident. One section a topic.

-- private: numbers of the erased ------------------------------------------------------------------------------
-- The first program gave the number of the value erased last to the next one, which was then read in its place.
INSERT INTO private (id, owner, salt, value)
SELECT MAX(id) + 100000, '', x'', '' FROM private HAVING COUNT(*) > 0;
