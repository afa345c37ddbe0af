-- Whether the training's memory is flat, and whether its steps waited for their input, in twenty stretches of the run.
SELECT min(step) AS from_step,
       max(step) AS to_step,
       round(max(resident_mb)) AS resident_mb,
       round(min(resident_mb)) AS least_resident_mb,
       round(avg(step_ms), 1) AS step_ms,
       round(avg(input_wait_ms), 3) AS input_wait_ms
FROM (SELECT *, ntile(20) OVER (ORDER BY step) AS stretch FROM train_log WHERE event = 'step')
GROUP BY stretch
ORDER BY from_step
