-- Metrics for each kind of question that evaluate.kind tells apart.
SELECT split, kind, total AS questions, round(exact, 2) AS exact, round(f1, 2) AS f1
FROM metrics_by_kind
ORDER BY split, kind
