-- How often the right answer is among the n best, by n: what a better choice among them could still gain.
WITH ranked AS (
  SELECT answers.split, answers.id, candidate.rank + 1 AS rank, candidate.text.text AS text, examples.answers AS gold
  FROM answers JOIN examples ON answers.split = examples.split AND answers.id = examples.id
  LATERAL VIEW posexplode(n_best) candidate AS rank, text
), plain AS (
  SELECT split, id, rank,
         array_contains(transform(gold.text, g -> trim(regexp_replace(regexp_replace(regexp_replace(
             lower(g), r'\p{Punct}', ''), r'\b(a|an|the)\b', ' '), r'\s+', ' '))),
           trim(regexp_replace(regexp_replace(regexp_replace(
             lower(text), r'\p{Punct}', ''), r'\b(a|an|the)\b', ' '), r'\s+', ' '))) AS right
  FROM ranked
  WHERE size(gold) > 0
), best AS (
  SELECT split, id, min(if(right, rank, NULL)) AS rank FROM plain GROUP BY split, id
)
SELECT split, n, round(100 * count_if(rank <= n) / count(*), 2) AS percent_of_answerable
FROM best LATERAL VIEW explode(array(1, 2, 3, 5, 10, 20)) sizes AS n
GROUP BY split, n
ORDER BY split, n
