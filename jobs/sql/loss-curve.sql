-- How the training went: mean loss, gradient norm and speed in twenty stretches of the run.
SELECT min(step) AS from_step,
       max(step) AS to_step,
       round(max(epoch), 2) AS epoch,
       round(avg(loss), 4) AS loss,
       round(avg(grad_norm), 3) AS grad_norm,
       max(lr) AS highest_lr,
       round(avg(tokens_per_second)) AS tokens_per_second
FROM (SELECT *, ntile(20) OVER (ORDER BY step) AS stretch FROM train_log WHERE event = 'step')
GROUP BY stretch
ORDER BY from_step
