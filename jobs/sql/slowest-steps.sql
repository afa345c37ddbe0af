-- Which stretches of the training were slow, and whether speed or length made them so.
SELECT step, round(step_ms, 1) AS ms_per_step, round(tokens_per_second) AS tokens_per_second, round(loss, 4) AS loss
FROM train_log
WHERE event = 'step'
ORDER BY step_ms DESC
LIMIT 20
