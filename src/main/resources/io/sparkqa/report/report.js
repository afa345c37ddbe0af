// Draws the page from the JSON in it. Text from the data is only ever set as text, never parsed as markup.
(() => {
  'use strict';

  const data = JSON.parse(document.getElementById('data').textContent);
  const runs = data.runs;
  const several = runs.length > 1;
  const main = document.getElementById('main');

  // ---------------------------------------------------------------- elements and words

  /** Returns an element: el('p.note', {title: '...'}, child, ...); a child that is not a node becomes text. */
  function el(what, attributes, ...children) {
    const [name, ...classes] = what.split('.');
    const node = document.createElement(name);
    if (classes.length) node.className = classes.join(' ');
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
      else if (key.startsWith('aria-')) { if (value != null) node.setAttribute(key, value); }
      else if (value === true) node.setAttribute(key, '');
      else if (value !== false && value != null) node.setAttribute(key, value);
    }
    node.append(...children.flat().filter(child => child != null));
    return node;
  }

  const known = value => value != null && !Number.isNaN(value);
  const fixed = digits => value => known(value) ? d3.format(`,.${digits}f`)(value) : '–';
  const one = fixed(1);
  const two = fixed(2);
  const whole = fixed(0);
  /** Returns a share in percent: 0% only for none, 100% only for all. */
  function percent(share) {
    if (!known(share)) return '–';
    if (share > 0.995 && share < 1) return '>99%';
    return share > 0 && share < 0.005 ? '<1%' : d3.format('.0%')(share);
  }
  const signed = value => (value < 0 ? '−' : '+') + two(Math.abs(value));
  const counted = (n, word) => `${whole(n)} ${word}${n === 1 ? '' : 's'}`;
  const threshold = value => known(value) ? d3.format('.4~g')(value) : '–';

  function duration(seconds) {
    if (seconds < 90) return `${seconds < 10 ? one(seconds) : whole(seconds)} s`;
    if (seconds < 5400) return `${one(seconds / 60)} min`;
    return `${one(seconds / 3600)} h`;
  }

  const memory = megabytes => known(megabytes) ? `${d3.format('.1f')(megabytes / 1000)} GB` : '–';
  const colour = i => `var(--c${i % 8})`;

  function keys(entries) {
    return el('div.keys', {}, entries.map(entry =>
      el(`span.key.k${entry.k % 8}`, {}, el('i' + (entry.mark ? '.' + entry.mark.replace(' ', '.') : '')), el('span', {}, entry.name))));
  }

  const runKeys = list => several ? keys(list.map(run => ({k: runs.indexOf(run), name: run.name, mark: 'dot'}))) : null;

  function section(id, title, lead) {
    const node = el('section', {id}, el('h2', {}, title));
    if (lead) node.append(el('p.lead', {}, lead));
    main.append(node);
    sections.push([id, title]);
    return node;
  }
  const sections = [];

  // ---------------------------------------------------------------- charts

  /** Adds a figure whose chart is drawn anew whenever its width changes. */
  function figure(parent, {title, note, legend, draw, wide}) {
    const chart = el('div.chart');
    const node = el('figure' + (wide ? '.wide' : ''), {},
      el('figcaption', {}, el('h3', {}, title), note ? el('p', {}, note) : null), legend, chart);
    parent.append(node);
    let drawn = 0;
    const redraw = () => {
      const width = Math.floor(chart.clientWidth);
      if (width > 0 && width !== drawn) {
        drawn = width;
        chart.replaceChildren();
        draw(chart, width, `${title}. ${note || ''}`);
      }
    };
    new ResizeObserver(redraw).observe(chart);
    return node;
  }

  function svgIn(chart, width, height, label) {
    return d3.select(chart).append('svg').attr('viewBox', `0 0 ${width} ${height}`).attr('width', width)
      .attr('height', height).attr('role', 'img').attr('aria-label', label);
  }

  function axes(svg, x, y, {width, height, margin, xTicks, yTicks, xFormat, yFormat, xLabel}) {
    svg.append('g').attr('transform', `translate(${margin.left},0)`)
      .call(d3.axisLeft(y).ticks(yTicks ?? 5).tickFormat(yFormat ?? null).tickSize(-(width - margin.left - margin.right)).tickPadding(8));
    const bottom = svg.append('g').attr('transform', `translate(0,${height - margin.bottom})`);
    bottom.call(d3.axisBottom(x).ticks(xTicks ?? Math.max(3, Math.min(7, width / 90))).tickFormat(xFormat ?? null).tickSize(0).tickPadding(9));
    svg.append('line').attr('class', 'base').attr('x1', margin.left).attr('x2', width - margin.right)
      .attr('y1', height - margin.bottom).attr('y2', height - margin.bottom);
    if (xLabel) {
      svg.append('text').attr('x', width - margin.right).attr('y', height - 3).attr('text-anchor', 'end').text(xLabel);
    }
  }

  /**
   * Returns a chart of lines over a common x.
   * series: [{name, k, points: [[x, y]], thin, dash, dots, step, quiet}]; rules: [{x | y, label}]; marks: [{x, y, k, label}]
   */
  function lines({series, rules = [], marks = [], height = 230, x: xo, y: yo}) {
    return (chart, width, label) => {
      const margin = {top: 10, right: 14, bottom: 42, left: yo.room ?? 48};
      const all = series.flatMap(s => s.points).filter(p => known(p[1]));
      const x = d3.scaleLinear(xo.domain ?? d3.extent(all, p => p[0]), [margin.left, width - margin.right]);
      let extent = yo.domain ?? d3.extent(all, p => p[1]);
      if (yo.zero) extent = [Math.min(0, extent[0]), extent[1]];
      for (const rule of rules) if (rule.y != null) extent = d3.extent([...extent, rule.y]);
      if (extent[0] === extent[1]) extent = [extent[0] - 1, extent[1] + 1];
      const y = d3.scaleLinear(extent, [height - margin.bottom, margin.top]);
      if (!yo.domain) y.nice(5);
      const svg = svgIn(chart, width, height, label);
      axes(svg, x, y, {width, height, margin, xFormat: xo.format, yFormat: yo.format, xLabel: xo.label});
      for (const rule of rules) {
        const line = svg.append('line').attr('class', 'rule');
        const text = svg.append('text').text(rule.label);
        if (rule.x != null) {
          const at = x(rule.x);
          line.attr('x1', at).attr('x2', at).attr('y1', margin.top).attr('y2', height - margin.bottom);
          const left = at > width - 70 || (rule.left ?? at > width * 0.6);
          text.attr('x', at + (left ? -5 : 5)).attr('y', margin.top + 9).attr('text-anchor', left ? 'end' : 'start');
        } else {
          const at = y(rule.y);
          line.attr('x1', margin.left).attr('x2', width - margin.right).attr('y1', at).attr('y2', at);
          text.attr('x', width - margin.right).attr('y', at - 5).attr('text-anchor', 'end');
        }
      }
      for (const s of series) {
        const path = d3.line().defined(p => known(p[1])).x(p => x(p[0])).y(p => y(p[1]));
        if (s.step) path.curve(d3.curveStepAfter);
        svg.append('path').attr('class', 'line' + (s.thin ? ' thin' : '')).attr('stroke', colour(s.k))
          .attr('stroke-dasharray', s.dash ? '6 4' : null).attr('d', path(s.points));
        if (s.dots) {
          svg.append('g').attr('fill', colour(s.k)).selectAll('circle').data(s.points.filter(p => known(p[1]))).join('circle')
            .attr('cx', p => x(p[0])).attr('cy', p => y(p[1])).attr('r', 3.5);
        }
      }
      for (const mark of marks) {
        svg.append('circle').attr('cx', x(mark.x)).attr('cy', y(mark.y)).attr('r', 5).attr('fill', colour(mark.k))
          .attr('stroke', 'var(--paper)').attr('stroke-width', 2);
      }
      hover(chart, svg, {x, width, height, margin, series: series.filter(s => !s.quiet), xName: xo.name ?? xo.label, xFormat: xo.tip ?? xo.format, yFormat: yo.tip ?? yo.format});
    };
  }

  function hover(chart, svg, {x, width, height, margin, series, xName, xFormat, yFormat}) {
    const tip = el('div.tip');
    chart.append(tip);
    const line = svg.append('line').attr('class', 'hover').attr('y1', margin.top).attr('y2', height - margin.bottom).attr('visibility', 'hidden');
    const format = yFormat ?? d3.format('.4~g');
    svg.on('pointermove', event => {
      const [px] = d3.pointer(event);
      const at = x.invert(Math.max(margin.left, Math.min(px, width - margin.right)));
      const rows = [];
      let nearest = null;
      for (const s of series) {
        const points = s.points.filter(p => known(p[1]));
        if (!points.length) continue;
        const i = s.step ? Math.max(0, d3.bisector(p => p[0]).right(points, at) - 1) : d3.bisector(p => p[0]).center(points, at);
        rows.push([s, points[i]]);
        if (nearest == null || Math.abs(points[i][0] - at) < Math.abs(nearest - at)) nearest = points[i][0];
      }
      if (!rows.length) return;
      line.attr('x1', x(nearest)).attr('x2', x(nearest)).attr('visibility', 'visible');
      tip.replaceChildren(el('div', {}, el('span', {}, xName ?? ''), el('span', {}, (xFormat ?? d3.format(',~f'))(nearest))),
        ...rows.map(([s, p]) => el(`div.k${s.k % 8}`, {}, el('span', {}, s.name), el('b', {}, format(p[1])))));
      tip.style.display = 'block';
      const left = x(nearest) + 12;
      tip.style.left = `${left + tip.offsetWidth > width ? Math.max(0, left - tip.offsetWidth - 24) : left}px`;
      tip.style.top = `${margin.top}px`;
    });
    svg.on('pointerleave', () => {
      tip.style.display = 'none';
      line.attr('visibility', 'hidden');
    });
  }

  /** Returns at each point the mean of it and its neighbours, a fortieth of all points on each side. */
  function smoothed(points) {
    const reach = Math.max(1, Math.round(points.length / 40));
    return points.map((p, i) => [p[0], d3.mean(points.slice(Math.max(0, i - reach), i + reach + 1), q => q[1])]);
  }

  // ---------------------------------------------------------------- head and results

  function head() {
    const first = runs[0];
    document.getElementById('top').append(
      el('div.over', {}, 'spark-qa · question answering report'),
      el('h1', {}, several ? `${runs.length} runs side by side` : first.name),
      el('p.lead', {}, several
        ? `Runs ${runs.map(run => run.name).join(', ')}. Page made on ${data.made}.`
        : [first.settings['model.from'] || first.settings['model.config'], first.settings['data.dev']].filter(known)
          .map(path => path.split('#')[0].split('/').slice(-2).join('/')).join(', evaluated on ') + `. Page made on ${data.made}.`));
  }

  const split = (run, name) => run.splits.find(s => s.name === name);
  const before = run => run.training.evaluations.filter(e => e.step === 0).map(e => e.dev)[0];
  const MEASURES = [['f1', 'F1'], ['exact', 'Exact match'], ['HasAns_f1', 'F1, answerable'], ['NoAns_f1', 'F1, unanswerable']];

  function results() {
    const evaluated = runs.filter(run => run.splits.length);
    if (!evaluated.length && !runs.some(run => run.training.evaluations.length)) return;
    const at = section('results', 'Results', several
      ? 'Official SQuAD 2.0 metrics in percent. Bold: the best of the runs.'
      : 'Official SQuAD 2.0 metrics in percent, over all questions of the data set.');
    for (const run of runs.filter(run => run.stale.length)) {
      at.append(el('p.stale', {}, `Stale${several ? ` in ${run.name}` : ''}: ${run.stale.join('; ')}. Run jobs/pipeline.sh to make them again.`));
    }
    if (!several && split(runs[0], 'dev')) tiles(at, runs[0], split(runs[0], 'dev').metrics);
    const names = splitNames();
    for (const name of several ? names : [null]) at.append(...resultsTable(name));
  }

  function tiles(at, run, metrics) {
    const start = before(run);
    const published = run.published || {};
    at.append(el('div.tiles', {}, MEASURES.filter(([key]) => known(metrics[key])).map(([key, name]) => {
      const value = metrics[key];
      const bar = el('b');
      const track = el('div.track', {}, bar);
      bar.style.left = `${start ? Math.min(start[key], value) : 0}%`;
      bar.style.width = `${start ? Math.abs(value - start[key]) : value}%`;
      if (known(published[key])) {
        const mark = el('u', {title: `published: ${published[key]}`});
        mark.style.left = `${published[key]}%`;
        track.append(mark);
      }
      return el('div.tile', {}, el('div.name', {}, name), el('div.figure', {}, two(value)), track,
        start ? el('div.was', {}, el(`span.${value >= start[key] ? 'up' : 'down'}`, {}, signed(value - start[key])), ` from ${two(start[key])} before training`) : null,
        known(published[key]) ? el('div.was', {}, el(`span.${value >= published[key] ? 'up' : 'down'}`, {}, signed(value - published[key])), ` against ${two(published[key])} published`) : null);
    })));
    if (published.source) at.append(el('p.note', {}, `Published figures: ${published.source}.`));
  }

  function resultsTable(name) {
    const rows = several ? runs.filter(run => split(run, name)).map(run => [run, split(run, name)]) : runs[0].splits.map(s => [runs[0], s]);
    const columns = [...MEASURES.map(([key, title]) => [title, s => s.metrics[key]]),
      ['Area under P–R, F1', s => s.metrics.pr_f1_ap], ['Best possible F1', s => s.analysis.sweep.bestF1.f1]];
    const comparable = haveSameQuestions(rows.map(([, s]) => s));
    const best = columns.map(([, value]) => comparable ? d3.max(rows, ([, s]) => value(s)) : null);
    const body = rows.map(([run, s]) => el('tr', {},
      el('td', {}, several ? el(`span.key.k${runs.indexOf(run) % 8}`, {}, el('i.dot'), el('span', {}, run.name)) : s.name),
      el('td.num', {}, whole(s.metrics.total)),
      columns.map(([, value], i) => el('td.num' + (several && value(s) === best[i] && known(best[i]) ? '.best' : ''), {}, two(value(s))))));
    for (const run of several && name === 'dev' ? runs : []) {
      if (before(run)) body.push(reference(`${run.name}, before training`, before(run)));
      if (run.published) body.push(reference(`published for ${run.name}: ${run.published.source || ''}`, run.published));
    }
    const table = el('div.scroll', {}, el('table', {},
      el('thead', {}, el('tr', {}, el('th', {}, several ? `Split ${name}` : 'Split'), el('th.num', {}, 'Questions'), columns.map(([title]) => el('th.num', {}, title)))),
      el('tbody', {}, body)));
    return [table, several && !comparable ? incomparable(name) : ''];
  }

  const haveSameQuestions = splits => new Set(splits.map(s => s.set)).size < 2;
  const incomparable = name => el('p.note.incomparable', {}, `The runs answered different questions of ${name}, so their scores do not compare.`);

  const reference = (name, metrics) => el('tr', {}, el('td', {}, el('small', {}, name)), el('td.num', {}, ''),
    [...MEASURES.map(([key]) => key), 'pr_f1_ap', ''].map(key => el('td.num', {}, el('small', {}, known(metrics[key]) ? two(metrics[key]) : ''))));

  function splitNames() {
    const names = [];
    for (const run of runs) for (const s of run.splits) if (!names.includes(s.name)) names.push(s.name);
    return names;
  }

  // ---------------------------------------------------------------- training

  function training() {
    const trained = runs.filter(run => (run.training.steps.step || []).length);
    if (!trained.length) return;
    const at = section('training', 'Training', several ? null : summaryOfTraining(runs[0]));
    if (runKeys(trained)) at.append(runKeys(trained));
    const grid = el('div.grid');
    at.append(grid);
    epochs(grid);
    const column = (run, name) => run.training.steps.step.map((step, i) => [step, (run.training.steps[name] || [])[i]]);
    const has = name => trained.some(run => run.training.steps[name]);
    const curve = (name, title, note, options) => {
      if (!has(name)) return;
      const withColumn = trained.filter(run => run.training.steps[name]);
      const smooth = options.smooth;
      figure(grid, {title: title(withColumn), note, draw: lines({
        series: withColumn.flatMap(run => {
          const k = several ? runs.indexOf(run) : 0;
          const points = column(run, name).map(p => [p[0], known(p[1]) ? p[1] * (options.factor ?? 1) : p[1]]);
          return smooth
            ? [{name: run.name, k, points, thin: true, quiet: true}, {name: several ? run.name : options.name, k, points: smoothed(points)}]
            : [{name: several ? run.name : options.name, k, points}];
        }),
        rules: options.rules ?? [], x: {label: 'step', format: d3.format(',~f')}, y: options})});
    };
    const ends = (run, name) => {
      const points = smoothed(column(run, name));
      return [points[0][1], points[points.length - 1][1]];
    };
    const lowest = (list, name) => d3.least(list, run => ends(run, name)[1]);
    curve('loss', list => several ? `${lowest(list, 'loss').name} ends with the lowest training loss, ${two(ends(lowest(list, 'loss'), 'loss')[1])}`
      : `The loss ${ends(list[0], 'loss')[1] <= ends(list[0], 'loss')[0] ? 'fell' : 'rose'} from ${ends(list[0], 'loss').map(two).join(' to ')}`,
    'Training loss; thin as logged, thick its moving mean', {name: 'loss', smooth: true, zero: true, tip: d3.format('.3f')});
    curve('lr', list => several ? peaks(list.map(run => d3.max(run.training.steps.lr))) : peakOf(column(list[0], 'lr')), 'Learning rate', {name: 'learning rate', zero: true, room: 58, format: v => v ? d3.format('.1~e')(v) : '0', tip: d3.format('.3~e')});
    const clip = trained.map(run => Number(run.settings['train.clip'])).filter(value => value > 0);
    curve('grad_norm', list => several ? `${d3.greatest(list, run => d3.median(run.training.steps.grad_norm)).name} has the largest gradients, ${two(d3.max(list, run => d3.median(run.training.steps.grad_norm)))} in the median`
      : !clip.length ? `The norm of the gradients is ${two(d3.median(list[0].training.steps.grad_norm))} in the median` : `Gradients are clipped in ${percent(d3.mean(list[0].training.steps.grad_norm, v => v > clip[0] ? 1 : 0))} of the logged steps`,
    'Global norm of the gradients before clipping', {name: 'gradient norm', smooth: true, zero: true, tip: d3.format('.3~g'),
      rules: [...new Set(clip)].map(y => ({y, label: `clipped to ${y}`}))});
    curve('tokens_per_second', list => several
      ? `${d3.greatest(list, run => d3.median(run.training.steps.tokens_per_second)).name} trains fastest`
      : `${whole(d3.median(list[0].training.steps.tokens_per_second))} tokens a second in the median`,
    'Tokens trained per second, padding not counted', {name: 'tokens/s', smooth: true, zero: true, room: 58, format: d3.format(',~s'), tip: d3.format(',.0f')});
    curve('share_of_peak', list => several ? `${d3.greatest(list, run => d3.median(run.training.steps.share_of_peak)).name} uses the machine best` : `${percent(d3.median(list[0].training.steps.share_of_peak))} of the machine’s peak in the median`,
      'Operations per second, as a share of what the machine can do', {name: 'share', smooth: true, zero: true, format: d3.format('.0%')});
    curve('resident_mb', list => several ? `${d3.greatest(list, run => d3.max(run.training.steps.resident_mb)).name} holds the most memory, ${memory(d3.max(list, run => d3.max(run.training.steps.resident_mb)))}` : `The training process holds ${memory(d3.max(list[0].training.steps.resident_mb))} at most`,
      'Resident memory, GB', {name: 'memory, GB', zero: true, factor: 1e-3, format: d3.format('.1~f'), tip: d3.format('.2f')});
  }

  function peakOf(points) {
    const top = d3.greatest(points, p => p[1]);
    const share = top[0] / points[points.length - 1][0];
    return share > 0.02 && share < 0.98
      ? `The learning rate peaks at ${d3.format('.1~e')(top[1])} after ${percent(share)} of the steps`
      : `The learning rate starts at ${d3.format('.2~e')(points[0][1])}`;
  }

  function peaks(rates) {
    const [low, high] = d3.extent(rates).map(d3.format('.1~e'));
    return low === high ? `All learning rates peak at ${low}` : `The learning rates peak between ${low} and ${high}`;
  }

  function summaryOfTraining(run) {
    const steps = run.training.steps;
    const last = steps.step.length - 1;
    return `${counted(steps.step[last], 'optimizer step')} of ${run.settings['train.batch'] || '?'} windows, ${d3.format('.2~f')(steps.epoch[last])} epoch${steps.epoch[last] === 1 ? '' : 's'}.`;
  }

  function epochs(grid) {
    const evaluated = runs.filter(run => run.training.evaluations.length > 1);
    if (!evaluated.length) return;
    const points = (run, value) => run.training.evaluations.map(e => [e.epoch, value(e)]);
    const x = {label: 'epoch', format: d3.format('.2~f')};
    const y = {format: d3.format('~g'), tip: d3.format('.2f')};
    if (several) {
      const best = d3.greatest(evaluated, run => run.training.evaluations.at(-1).dev.f1);
      figure(grid, {wide: true, title: `${best.name} ends with the highest F1 on dev, ${two(best.training.evaluations.at(-1).dev.f1)}`, note: 'F1 on dev before the training and after each epoch, percent',
        draw: lines({series: evaluated.map(run => ({name: run.name, k: runs.indexOf(run), dots: true, points: points(run, e => e.dev.f1)})), x, y, height: 270})});
      return;
    }
    const run = evaluated[0];
    const list = run.training.evaluations;
    const measures = [['f1', 'F1', 0], ['exact', 'exact match', 1], ['HasAns_f1', 'F1, answerable', 2], ['NoAns_f1', 'F1, unanswerable', 3]].filter(([key]) => known(list[0].dev[key]));
    const [from, to] = [list[0].dev.f1, list.at(-1).dev.f1];
    figure(grid, {title: `F1 on dev ${to >= from ? 'rose' : 'fell'} from ${one(from)} to ${one(to)}`, note: 'Scores on dev before the training and after each epoch, percent',
      legend: keys(measures.map(([, name, k]) => ({k, name}))),
      draw: lines({series: measures.map(([key, name, k]) => ({name, k, dots: true, points: points(run, e => e.dev[key])})), x, y})});
    const loss = list.map(e => e.dev_loss);
    const low = d3.leastIndex(loss);
    figure(grid, {title: low === loss.length - 1 ? `The loss on dev fell to ${two(loss[low])}, its lowest, at the end` : `The loss on dev was lowest at epoch ${d3.format('.2~f')(list[low].epoch)}`,
      note: 'Loss on dev before the training and after each epoch', legend: keys([{k: 0, name: 'dev loss'}]),
      draw: lines({series: [{name: 'dev loss', k: 0, dots: true, points: points(run, e => e.dev_loss)}], x, y: {zero: true, tip: d3.format('.3f')}})});
  }

  // ---------------------------------------------------------------- answers

  let chosenSplit = null;

  function answers() {
    const names = splitNames();
    if (!names.length) return;
    chosenSplit = names[0];
    const at = section('answers', 'Answers', null);
    const inside = el('div');
    const show = name => {
      chosenSplit = name;
      for (const button of at.querySelectorAll('.bar.splits button')) button.setAttribute('aria-pressed', button.dataset.split === name);
      inside.replaceChildren();
      const shown = runs.filter(run => split(run, name)).map(run => ({run, k: runs.indexOf(run), name: run.name, set: split(run, name).set, ...split(run, name).analysis, metrics: split(run, name).metrics}));
      if (!haveSameQuestions(shown)) inside.append(incomparable(name));
      if (several) inside.append(runKeys(shown.map(s => s.run)));
      const grid = el('div.grid');
      inside.append(grid);
      confusion(grid, shown);
      sweep(grid, shown);
      precisionRecall(grid, shown);
      calibration(grid, shown);
      noAnswer(grid, shown);
      slices(inside, shown);
    };
    if (names.length > 1) {
      at.append(el('div.bar.splits', {role: 'group', 'aria-label': 'Split'}, el('span.note', {}, 'Split'),
        names.map(name => el('button', {type: 'button', 'data-split': name, onclick: () => { show(name); splitChosen(name); }}, name))));
    }
    at.append(inside);
    show(chosenSplit);
  }
  let splitChosen = () => {};

  /** Returns which kinds of questions there are: 0 answerable, 1 unanswerable. */
  const kindsOf = shown => [0, 1].filter(kind => shown.some(({confusion: c}) => kind === 0 ? c.answerableAnswered + c.answerableLeft : c.unanswerableAnswered + c.unanswerableLeft));

  function confusion(grid, shown) {
    const rightly = c => (c.answerableAnswered + c.unanswerableLeft) / (c.answerableAnswered + c.answerableLeft + c.unanswerableAnswered + c.unanswerableLeft);
    const surest = d3.greatest(shown, s => rightly(s.confusion));
    const first = shown[0].confusion;
    const kinds = kindsOf(shown);
    const title = several ? `${surest.name} is right most often on whether there is an answer: ${percent(rightly(surest.confusion))}`
      : kinds.length === 2 ? `${counted(first.unanswerableAnswered, 'unanswerable question')} got an answer, ${counted(first.answerableLeft, 'answerable one')} got none`
        : kinds[0] === 0 ? `${counted(first.answerableLeft, 'answerable question')} got no answer` : `${counted(first.unanswerableAnswered, 'unanswerable question')} got an answer`;
    const node = el('figure', {}, el('figcaption', {}, el('h3', {}, title),
      el('p', {}, 'Questions by whether they have an answer and whether the model gives one; percent of the row')));
    const cell = (count, all, good) => {
      const td = el('td', {}, el('b', {}, whole(count)), el('span', {}, all ? percent(count / all) : ''));
      td.style.setProperty('--share', all ? count / all : 0);
      td.style.setProperty('--shade', good ? 'var(--c0)' : 'var(--c1)');
      return td;
    };
    const cells = s => {
      const c = s.confusion;
      const has = c.answerableAnswered + c.answerableLeft;
      const none = c.unanswerableAnswered + c.unanswerableLeft;
      return [[`answerable (${whole(has)})`, cell(c.answerableAnswered, has, true), cell(c.answerableLeft, has, false)],
        [`unanswerable (${whole(none)})`, cell(c.unanswerableAnswered, none, false), cell(c.unanswerableLeft, none, true)]];
    };
    if (several) {
      node.append(el('table.matrix.slim', {},
        el('thead', {}, el('tr', {}, el('th', {}, ''), el('th', {}, 'answered'), el('th', {}, 'left unanswered'))),
        kinds.map(kind => el('tbody', {}, el('tr', {}, el('th', {colspan: 3}, ['answerable questions', 'unanswerable questions'][kind])),
          shown.map(s => el('tr', {}, el('th', {}, el(`span.key.k${s.k % 8}`, {}, el('i.dot'), el('span', {}, s.name))), cells(s)[kind].slice(1)))))));
    } else {
      node.append(el('table.matrix', {},
        el('thead', {}, el('tr', {}, el('th', {}, ''), el('th', {}, 'answered'), el('th', {}, 'left unanswered'))),
        el('tbody', {}, kinds.map(kind => cells(shown[0])[kind]).map(([name, ...counts]) => el('tr', {}, el('th', {}, name), counts)))));
      if (first.answerableAnswered) node.append(el('p.note', {}, `Of the ${whole(first.answerableAnswered)} answerable questions answered, ${whole(first.answerableRight)} match a gold answer exactly (${percent(first.answerableRight / first.answerableAnswered)}).`));
    }
    grid.append(node);
  }

  function sweep(grid, shown) {
    const only = shown[0].sweep;
    const gain = only.bestF1.f1 - only.chosen.f1;
    const title = several ? bestThresholds(shown)
      : gain < 0.05 ? `The null threshold used, ${threshold(only.chosen.threshold)}, is as good as the best`
        : `A null threshold of ${threshold(only.bestF1.threshold)} would gain ${two(gain)} F1 over ${threshold(only.chosen.threshold)}, which was used`;
    const curve = (s, key) => s.sweep.curve.map(p => [p.threshold, p[key]]);
    const series = several ? shown.map(s => ({name: s.name, k: s.k, points: curve(s, 'f1')}))
      : [{name: 'F1', k: 0, points: curve(shown[0], 'f1')}, {name: 'exact match', k: 1, points: curve(shown[0], 'exact')},
        {name: 'F1, answerable', k: 2, points: curve(shown[0], 'answerable')}, {name: 'F1, unanswerable', k: 3, points: curve(shown[0], 'unanswerable')}]
        .filter(s => s.points.some(p => known(p[1])));
    const domain = d3.extent(series.flatMap(s => s.points), p => p[0]);
    const inView = value => value >= domain[0] && value <= domain[1];
    figure(grid, {title, note: 'Scores if questions with null odds above the threshold were left unanswered, percent',
      legend: several ? null : keys(series.map(s => ({k: s.k, name: s.name}))),
      draw: lines({series, x: {label: 'null threshold', format: d3.format('~g'), tip: d3.format('.3~f')}, y: {tip: d3.format('.2f')}, height: 250,
        rules: several ? [] : (gain < 0.05 || !inView(only.bestF1.threshold) ? [{x: only.chosen.threshold, label: 'used'}]
          : [{x: only.chosen.threshold, label: 'used', left: only.chosen.threshold < only.bestF1.threshold},
            {x: only.bestF1.threshold, label: 'best F1', left: only.chosen.threshold >= only.bestF1.threshold}]).filter(rule => inView(rule.x)),
        marks: shown.filter(s => inView(s.sweep.bestF1.threshold)).map(s => ({x: s.sweep.bestF1.threshold, y: s.sweep.bestF1.f1, k: several ? s.k : 0}))})});
  }

  function bestThresholds(shown) {
    const [low, high] = d3.extent(shown, s => s.sweep.bestF1.threshold).map(threshold);
    return low === high ? `The best null threshold is ${low} for all runs` : `The best null thresholds lie between ${low} and ${high}`;
  }

  function precisionRecall(grid, shown) {
    const drawn = shown.filter(s => s.curves.f1);
    if (!drawn.length) return;
    const title = several ? `${d3.greatest(drawn, s => s.curves.f1.average).name} has the largest area under the precision–recall curve`
      : (() => {
        const good = drawn[0].curves.f1.points.filter(p => p[1] >= 0.9);
        return good.length > 1 ? `Precision stays at 90% up to a recall of ${percent(d3.max(good, p => p[0]))}` : 'Precision is below 90% at any recall';
      })();
    const kinds = [['f1', 'F1', 0], ['exact', 'exact match', 1], ['oracle', 'oracle: answerable or not', 6]];
    const series = several ? drawn.map(s => ({name: `${s.name}, area ${percent(s.curves.f1.average)}`, k: s.k, step: true, points: s.curves.f1.points}))
      : kinds.map(([key, name, k]) => ({name: `${name}, area ${one(100 * drawn[0].curves[key].average)}`, k, step: true, points: drawn[0].curves[key].points}));
    figure(grid, {title, note: `Precision over recall${several ? ' by F1' : ''}, answering ever more questions, the surest first`, legend: keys(series),
      draw: lines({series, height: 250, x: {label: 'recall', domain: [0, 1], format: d3.format('.0%')}, y: {domain: [0, 1.02], format: d3.format('.0%'), tip: d3.format('.1%')}})});
  }

  function calibration(grid, shown) {
    const drawn = shown.filter(s => s.calibration.bins.length);
    if (!drawn.length) return;
    const c = drawn[0].calibration;
    const gap = c.confidence - c.accuracy;
    const title = several ? `${d3.least(drawn, s => s.calibration.error).name} is calibrated best`
      : Math.abs(gap) < 0.02 ? `On average the model is as sure as it is right: ${percent(c.confidence)} and ${percent(c.accuracy)}`
        : `The model is ${gap > 0 ? 'over' : 'under'}confident: ${percent(c.confidence)} sure, ${percent(c.accuracy)} right`;
    figure(grid, {title, note: `Share of exact matches by confidence in the answer given; bars: questions. Expected calibration error: ${drawn.map(s => (several ? s.name + ' ' : '') + one(100 * s.calibration.error)).join(', ')} points`,
      draw: (chart, width, label) => {
        const height = 250;
        const margin = {top: 10, right: 14, bottom: 42, left: 48};
        const x = d3.scaleLinear([0, 1], [margin.left, width - margin.right]);
        const y = d3.scaleLinear([0, 1.02], [height - margin.bottom, margin.top]);
        const svg = svgIn(chart, width, height, label);
        axes(svg, x, y, {width, height, margin, xFormat: d3.format('.0%'), yFormat: d3.format('.0%'), xLabel: 'confidence'});
        const most = d3.max(drawn, s => d3.max(s.calibration.bins, b => b.questions / d3.sum(s.calibration.bins, q => q.questions)));
        const step = x(0.1) - x(0);
        drawn.forEach((s, i) => {
          const all = d3.sum(s.calibration.bins, b => b.questions);
          const bar = (step - 4) / drawn.length;
          svg.append('g').attr('fill', colour(several ? s.k : 0)).attr('opacity', 0.18).selectAll('rect').data(s.calibration.bins).join('rect')
            .attr('x', b => x(b.from) + 2 + i * bar).attr('width', Math.max(1, bar)).attr('y', b => y(0) - (y(0) - y(1)) * 0.4 * b.questions / all / most)
            .attr('height', b => (y(0) - y(1)) * 0.4 * b.questions / all / most);
        });
        svg.append('line').attr('class', 'rule').attr('x1', x(0)).attr('y1', y(0)).attr('x2', x(1)).attr('y2', y(1));
        svg.append('text').attr('x', x(0.3)).attr('y', y(0.3) - 8).attr('text-anchor', 'end').text('perfect');
        const series = drawn.map(s => ({name: several ? s.name : 'exact matches', k: several ? s.k : 0, points: s.calibration.bins.map(b => [b.confidence, b.accuracy])}));
        for (const s of series) {
          svg.append('path').attr('class', 'line').attr('stroke', colour(s.k)).attr('d', d3.line(p => x(p[0]), p => y(p[1]))(s.points));
          svg.append('g').attr('fill', colour(s.k)).selectAll('circle').data(s.points).join('circle').attr('cx', p => x(p[0])).attr('cy', p => y(p[1])).attr('r', 4);
        }
        hover(chart, svg, {x, width, height, margin, series, xName: 'mean confidence', xFormat: d3.format('.1%'), yFormat: d3.format('.1%')});
      }});
  }

  function noAnswer(grid, shown) {
    const upper = list => d3.sum(list.slice(10));
    const apart = s => upper(s.oddsOfUnanswerable) - upper(s.oddsOfAnswerable);
    const rows = kindsOf(shown).map(kind => [['answerable', 'oddsOfAnswerable', 0], ['unanswerable', 'oddsOfUnanswerable', 1]][kind]);
    const title = rows.length === 1 ? `Probability of no answer of the questions, all ${rows[0][0]}`
      : several ? `${d3.greatest(shown, apart).name} tells answerable from unanswerable questions best`
      : `${percent(upper(shown[0].oddsOfUnanswerable))} of the unanswerable and ${percent(upper(shown[0].oddsOfAnswerable))} of the answerable questions are taken for unanswerable`;
    figure(grid, {wide: true, title, note: 'Share of the questions by probability of no answer, 1 / (1 + exp(−null odds)), in 20 bins, as the official script draws it',
      legend: several ? null : keys(rows.map(([name, , k]) => ({k, name: name + ' questions', mark: 'dot'}))),
      draw: (chart, width, label) => {
        const margin = {top: 16, right: 14, bottom: 42, left: 48};
        const side = width > 700 && rows.length > 1;
        const most = d3.max(shown, s => d3.max([...s.oddsOfAnswerable, ...s.oddsOfUnanswerable])) || 1;
        const panel = 150;
        const height = margin.top + (side ? 1 : rows.length) * (panel + margin.bottom);
        const svg = svgIn(chart, width, height, label);
        rows.forEach(([name, key, k], row) => {
          const half = (width - margin.left - margin.right - 56) / 2;
          const left = side ? margin.left + row * (half + 56) : margin.left;
          const right = side ? left + half : width - margin.right;
          const top = side ? margin.top : margin.top + row * (panel + margin.bottom);
          const x = d3.scaleLinear([0, 1], [left, right]);
          const y = d3.scaleLinear([0, most], [top + panel, top]).nice(4);
          svg.append('g').attr('transform', `translate(${left},0)`).call(d3.axisLeft(y).ticks(4).tickFormat(d3.format('.0%')).tickSize(-(right - left)).tickPadding(8));
          svg.append('g').attr('transform', `translate(0,${top + panel})`).call(d3.axisBottom(x).ticks(5).tickFormat(d3.format('.0%')).tickSize(0).tickPadding(9));
          const bin = (right - left) / 20;
          shown.forEach((s, i) => {
            const bar = (bin - 2) / shown.length;
            svg.append('g').attr('fill', colour(several ? s.k : k)).selectAll('rect').data(s[key]).join('rect')
              .attr('x', (v, j) => x(j / 20) + 1 + i * bar).attr('width', Math.max(0.5, bar)).attr('y', v => y(v)).attr('height', v => top + panel - y(v))
              .append('title').text((v, j) => `${several ? s.name + ', ' : ''}${j * 5}–${j * 5 + 5}%: ${d3.format('.1%')(v)} of the ${name} questions`);
          });
          svg.append('line').attr('class', 'base').attr('x1', left).attr('x2', right).attr('y1', top + panel).attr('y2', top + panel);
          svg.append('text').attr('class', 'strong').attr('x', left + 4).attr('y', top - 4).text(`${name} questions`);
        });
        svg.append('text').attr('x', width - margin.right).attr('y', height - 3).attr('text-anchor', 'end').text('probability of no answer');
      }});
  }

  function slices(at, shown) {
    const groupings = [...new Set(shown.flatMap(s => Object.keys(s.slices)))];
    at.append(el('h2', {id: 'slices'}, 'Which questions are hard'),
      el('p.lead', {}, 'Mean F1 (filled) and exact match (ring) by trait of the question, percent; the whisker is the 95% confidence interval of F1.'));
    const grid = el('div.grid');
    at.append(grid);
    for (const grouping of groupings) {
      const names = [];
      for (const s of shown) for (const slice of s.slices[grouping] || []) if (!names.some(n => n.name === slice.name)) names.push({name: slice.name, questions: slice.questions});
      const rows = names.map(n => ({...n, values: shown.map(s => ({s, slice: (s.slices[grouping] || []).find(x => x.name === n.name)})).filter(v => v.slice)}));
      if (rows.length === 1) {
        grid.append(el('figure', {}, el('figcaption', {}, el('h3', {}, `${grouping}: ${rows[0].name} for every question`))));
        continue;
      }
      figure(grid, {title: several ? leader(grouping, rows) : sliceTitle(grouping, rows), note: grouping + (grouping === 'Windows' ? ' that the context was cut into' : grouping === 'Answer length' ? ', first gold answer' : ''), draw: dots(rows)});
    }
  }

  function sliceTitle(grouping, rows) {
    const total = d3.sum(rows, row => row.questions);
    const large = rows.filter(row => row.questions >= Math.max(10, total * 0.01));
    if (large.length < 2) return grouping;
    const f1 = row => d3.mean(row.values, v => v.slice.f1);
    const [low, high] = [d3.least(large, f1), d3.greatest(large, f1)];
    const name = row => grouping === 'Question word' && row.name !== 'other' ? `“${row.name}”` : row.name;
    return f1(high) - f1(low) < 2 ? `${grouping} hardly matters`
      : `Hardest: ${name(low)}, F1 ${one(f1(low))}; easiest: ${name(high)}, ${one(f1(high))}`;
  }

  function leader(grouping, rows) {
    const compared = rows.filter(row => row.values.length > 1);
    const wins = d3.rollup(compared, list => list.length, row => d3.greatest(row.values, v => v.slice.f1).s.name);
    if (!wins.size) return grouping;
    const [name, groups] = d3.greatest([...wins], win => win[1]);
    return `${grouping}: ${name} leads in ${groups} of ${compared.length} groups`;
  }

  function dots(rows) {
    return (chart, width, label) => {
      const longest = d3.max(rows, row => row.name.length);
      const margin = {top: 20, right: 52, bottom: 26, left: Math.min(width * 0.4, 14 + longest * 6.9)};
      const count = d3.max(rows, row => row.values.length);
      const rowHeight = 20 + 9 * (count - 1) + 6;
      const height = margin.top + rows.length * rowHeight + margin.bottom;
      const lowest = d3.min(rows, row => d3.min(row.values, v => Math.min(v.slice.exact, v.slice.f1 - (known(v.slice.spread) ? v.slice.spread : 0))));
      const x = d3.scaleLinear([Math.max(0, Math.floor(lowest / 10) * 10), 100], [margin.left, width - margin.right]);
      const svg = svgIn(chart, width, height, label);
      svg.append('g').attr('transform', `translate(0,${height - margin.bottom})`)
        .call(d3.axisBottom(x).ticks(5).tickSize(-(height - margin.top - margin.bottom)).tickPadding(8));
      rows.forEach((row, i) => {
        const middle = margin.top + (i + 0.5) * rowHeight;
        svg.append('text').attr('class', 'strong').attr('x', margin.left - 10).attr('y', middle + 4).attr('text-anchor', 'end').text(row.name);
        svg.append('text').attr('x', width).attr('y', middle + 4).attr('text-anchor', 'end').text(whole(row.questions));
        row.values.forEach(({s, slice}, j) => {
          const y = middle + 9 * (j - (row.values.length - 1) / 2);
          const g = svg.append('g').attr('stroke', colour(several ? s.k : 0)).attr('fill', colour(several ? s.k : 0));
          if (known(slice.spread)) {
            g.append('line').attr('x1', x(Math.max(x.domain()[0], slice.f1 - slice.spread))).attr('x2', x(Math.min(100, slice.f1 + slice.spread))).attr('y1', y).attr('y2', y).attr('stroke-width', 2).attr('opacity', 0.4);
          }
          g.append('circle').attr('cx', x(slice.exact)).attr('cy', y).attr('r', 4).attr('fill', 'var(--paper)').attr('stroke-width', 1.5);
          g.append('circle').attr('cx', x(slice.f1)).attr('cy', y).attr('r', 4.5);
          g.append('title').text(`${several ? s.name + ', ' : ''}${row.name}: F1 ${two(slice.f1)}, exact ${two(slice.exact)}, ${counted(slice.questions, 'question')}`);
        });
      });
      svg.append('text').attr('x', width).attr('y', 10).attr('text-anchor', 'end').text('questions');
    };
  }

  // ---------------------------------------------------------------- questions one by one

  const VERDICTS = {
    wrong: {name: 'Wrong', mark: '✗', says: 'answered, but no word of it is right'},
    empty: {name: 'Should be empty', mark: '⊘', says: 'answered, although there is no answer'},
    answered: {name: 'Should be answered', mark: '?', says: 'left, although there is an answer'},
    partial: {name: 'Partial', mark: '≈', says: 'partly right'},
    right: {name: 'Right', mark: '✓', says: 'matches a gold answer, or is rightly left'},
  };

  async function load() {
    const text = document.getElementById('questions').textContent;
    const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return JSON.parse(await new Response(stream).text());
  }

  /** Returns the UTF-16 index of each code point of a text, or null if they are equal: JavaScript counts UTF-16. */
  const placesOf = new Map();
  function places(text) {
    if (!/[\ud800-\udbff]/.test(text)) return null;
    if (!placesOf.has(text)) {
      const all = [0];
      for (const c of text) all.push(all[all.length - 1] + c.length);
      placesOf.set(text, all);
    }
    return placesOf.get(text);
  }

  function browser(sets) {
    sets.forEach(prepare);
    const at = document.getElementById('questions-shown');
    const state = {set: 0, run: 0, verdict: 'errors', query: '', kind: '', sort: 'confident', page: 0};
    const size = 20;
    const list = el('div.list');
    const status = el('span.note', {role: 'status', 'aria-live': 'polite'});
    const chips = el('div.bar', {role: 'group', 'aria-label': 'Show'});
    const search = el('input', {type: 'search', placeholder: 'Search questions, answers, contexts, titles, ids', 'aria-label': 'Search',
      oninput: () => change({query: search.value})});
    const kinds = el('select', {'aria-label': 'Kind or question word', onchange: () => change({kind: kinds.value})});
    const order = el('select', {'aria-label': 'Order', onchange: () => change({sort: order.value})},
      [['confident', 'Surest first'], ['unsure', 'Least sure first'], ['order', 'In the order of the data'], ['f1', 'Lowest F1 first']]
        .map(([value, name]) => el('option', {value}, name)));
    const set = el('select', {'aria-label': 'Split', onchange: () => change({set: Number(set.value), kind: ''})},
      sets.map((s, i) => el('option', {value: i}, setName(s, sets))));
    const run = el('select', {'aria-label': 'Run', onchange: () => change({run: Number(run.value)})});
    const pager = el('div.bar.pager');
    const left = el('p.note');
    at.replaceChildren(chips, el('div.bar', {}, search, sets.length > 1 ? set : null, several ? run : null, kinds, order), left, status, list, pager);

    function change(what) {
      Object.assign(state, {page: 0}, what);
      const s = sets[state.set];
      set.value = state.set;
      if (!s.runs[state.run]) state.run = Number(Object.keys(s.runs)[0]);
      run.replaceChildren(...Object.keys(s.runs).map(i => el('option', {value: i}, runs[i].name)));
      run.value = state.run;
      if ('set' in what || 'run' in what) {
        const r = s.runs[state.run];
        const values = column => [...new Set(r[column])].filter(v => v).sort();
        kinds.replaceChildren(el('option', {value: ''}, 'All kinds and words'),
          ...[['kind', 'kind'], ['word', 'question word']].flatMap(([column, name]) => values(column).map(v => el('option', {value: `${column}=${v}`}, `${name}: ${v}`))));
        kinds.value = state.kind;
        if (kinds.value !== state.kind) { state.kind = ''; kinds.value = ''; }
        left.textContent = s.id.length < s.total
          ? `Of ${whole(s.total)} questions, ${whole(s.id.length)} are shown one by one, errors first and spread evenly over the data set; the others are left out to keep the page small. All charts and tables above count every question.` : '';
      }
      show();
    }

    function matching() {
      const s = sets[state.set];
      const r = s.runs[state.run];
      const query = state.query.trim().toLowerCase();
      const inContext = query ? s.contexts.map(c => c.toLowerCase().includes(query)) : [];
      const [column, value] = state.kind ? [state.kind.slice(0, state.kind.indexOf('=')), state.kind.slice(state.kind.indexOf('=') + 1)] : [];
      const found = [];
      for (let i = 0; i < s.id.length; i++) {
        if (column && r[column][i] !== value) continue;
        if (query && !inContext[s.context[i]] && !haystack(s, i).includes(query)) continue;
        found.push(i);
      }
      return found;
    }

    function show() {
      const s = sets[state.set];
      const r = s.runs[state.run];
      const found = matching();
      const disagree = i => new Set(Object.values(s.runs).map(x => x.exact[i])).size > 1;
      const filters = [['errors', 'All errors', i => r.verdict[i] !== 'right'], ...Object.entries(VERDICTS).map(([key, v]) => [key, v.name, i => r.verdict[i] === key]),
        ...Object.keys(s.runs).length > 1 ? [['disagree', 'Runs disagree', disagree]] : [], ['all', 'All', () => true]];
      chips.replaceChildren(...filters.map(([key, name, test]) => el('button', {type: 'button', 'data-filter': key, 'aria-pressed': key === state.verdict, title: VERDICTS[key]?.says ?? null,
        onclick: () => change({verdict: key})}, name, el('small', {}, whole(d3.sum(found, i => test(i) ? 1 : 0))))));
      const test = (filters.find(([key]) => key === state.verdict) ?? filters[0])[2];
      const shown = found.filter(test);
      const sure = i => r.confidence[i] ?? -1;
      if (state.sort === 'confident') shown.sort((a, b) => sure(b) - sure(a));
      if (state.sort === 'unsure') shown.sort((a, b) => sure(a) - sure(b));
      if (state.sort === 'f1') shown.sort((a, b) => r.f1[a] - r.f1[b]);
      const pages = Math.max(1, Math.ceil(shown.length / size));
      state.page = Math.min(state.page, pages - 1);
      const page = shown.slice(state.page * size, (state.page + 1) * size);
      status.textContent = shown.length ? `${whole(state.page * size + 1)}–${whole(state.page * size + page.length)} of ${counted(shown.length, 'question')}` : 'No question matches.';
      list.replaceChildren(...page.map((i, n) => item(s, state.run, i, n === 0)));
      const go = to => () => { state.page = to; show(); at.scrollIntoView({block: 'start'}); };
      pager.replaceChildren(...pages > 1 ? [
        el('button', {type: 'button', disabled: state.page === 0, onclick: go(state.page - 1)}, '← Earlier'),
        el('span.note', {}, `Page ${state.page + 1} of ${whole(pages)}`),
        el('button', {type: 'button', disabled: state.page === pages - 1, onclick: go(state.page + 1)}, 'Later →')] : []);
    }

    splitChosen = name => {
      const i = sets.findIndex(s => s.name === name);
      if (i >= 0) change({set: i, kind: ''});
    };
    change({set: 0});
  }

  const setName = (s, sets) => sets.filter(other => other.name === s.name).length > 1
    ? `${s.name} of ${Object.keys(s.runs).map(i => runs[i].name).join(', ')}` : s.name;

  /** Adds to each run what the list needs: texts instead of numbers, and a verdict for each question. */
  function prepare(s) {
    for (const r of Object.values(s.runs)) {
      r.verdict = s.id.map((_, i) => {
        if (r.exact[i] === 1) return 'right';
        if (!s.gold[i].length) return 'empty';
        if (!r.given[i]) return 'answered';
        return r.f1[i] > 0 ? 'partial' : 'wrong';
      });
    }
  }

  /** Returns the text of a span: a part of the context, or the text that the span gives instead of its start. */
  function spanText(context, start, length) {
    if (typeof start === 'string') return start;
    const map = places(context);
    return map ? context.slice(map[start], map[start + length]) : context.slice(start, start + length);
  }

  const golds = (s, i) => d3.range(0, s.gold[i].length, 2).map(j => [s.gold[i][j], s.gold[i][j + 1]]);
  const goldTexts = (s, i) => [...new Set(golds(s, i).map(([start, length]) => spanText(s.contexts[s.context[i]], start, length)))];

  function given(s, r, i) {
    if (!r.given[i] || r.best[i] < 0) return '';
    return spanText(s.contexts[s.context[i]], r.nBest[i][3 * r.best[i]], r.nBest[i][3 * r.best[i] + 1]);
  }

  function haystack(s, i) {
    s.haystacks ??= [];
    return s.haystacks[i] ??= [s.id[i], s.question[i], s.titles[s.title[i]], ...goldTexts(s, i), ...Object.values(s.runs).map(r => given(s, r, i))].join('\n').toLowerCase();
  }

  const quoted = text => text === '' ? el('span.none', {}, 'no answer') : el('b', {}, el('bdi', {}, text));

  function item(s, run, i, open) {
    const r = s.runs[run];
    const verdict = VERDICTS[r.verdict[i]];
    const gold = goldTexts(s, i);
    const node = el('details.question', {open, 'data-id': s.id[i]}, el('summary', {},
      el(`span.verdict.${r.verdict[i]}`, {'data-mark': verdict.mark}, verdict.name),
      el('span.asked', {}, el('bdi', {}, s.question[i])),
      el('span.sure', {}, known(r.confidence[i]) ? `${percent(r.confidence[i])} sure` : ''),
      el('span.said', {}, 'said ', quoted(given(s, r, i)), ' · gold ', gold.length ? gold.slice(0, 3).flatMap((text, j) => [j ? ' or ' : '', quoted(text)]) : el('span.none', {}, 'no answer'))));
    const fill = () => { if (node.children.length === 1) node.append(inside(s, run, i)); };
    node.addEventListener('toggle', () => { if (node.open) fill(); });
    if (open) fill();
    return node;
  }

  function inside(s, run, i) {
    const r = s.runs[run];
    const context = s.contexts[s.context[i]];
    const candidates = d3.range(0, r.nBest[i].length, 3).map(j => r.nBest[i].slice(j, j + 3));
    const chosen = r.given[i] ? r.best[i] : candidates.findIndex(([start, length]) => spanText(context, start, length) === '');
    const top = r.best[i] >= 0 ? candidates[r.best[i]] : null;
    const words = el('div', {},
      keysOfMarks(r.given[i]),
      marked(context, golds(s, i), top ? [[top[0], top[1]]] : [], r.given[i]),
      el('div.facts', {}, [s.titles[s.title[i]], `id ${s.id[i]}`, r.kind[i] ? `kind ${r.kind[i]}` : null, counted(r.windows[i], 'window'),
        `F1 ${one(100 * r.f1[i])}`, `null odds ${two(r.odds[i])}`].filter(known).filter(x => x).map((x, j) => [j ? ' · ' : '', el('bdi', {}, x)]).flat()));
    const most = d3.max(candidates, c => c[2]) || 1;
    const table = el('table.nbest', {}, el('thead', {}, el('tr', {}, el('th', {}, several ? `${runs[run].name}: best ${candidates.length}` : `Best ${candidates.length} candidates`), el('th', {}, ''), el('th.num', {}, 'Probability'))),
      el('tbody', {}, candidates.map(([start, length, probability], j) => {
        const meter = el('i');
        meter.style.width = `${100 * probability / most}%`;
        const text = spanText(context, start, length);
        return el('tr' + (j === chosen ? '.chosen' : ''), {}, el('td', {}, text === '' ? el('i', {}, 'no answer') : el('bdi', {}, text)), el('td.meter', {}, meter), el('td.num', {}, probability < 5 ? '<0.1%' : d3.format('.1%')(probability / 10000)));
      })));
    const others = Object.keys(s.runs).map(Number).filter(other => other !== run);
    const compared = others.length ? el('table.nbest', {}, el('thead', {}, el('tr', {}, el('th', {}, 'Other runs'), el('th', {}, 'said'), el('th.num', {}, 'F1'))),
      el('tbody', {}, others.map(other => el('tr', {}, el('td', {}, el(`span.key.k${other % 8}`, {}, el('i.dot'), el('span', {}, runs[other].name))),
        el('td', {}, quoted(given(s, s.runs[other], i))), el('td.num', {}, one(100 * s.runs[other].f1[i])))))) : null;
    return el('div.inside', {}, words, el('div', {}, candidates.length ? table : el('p.note', {}, 'The question fits into no window, so there is no candidate.'), compared));
  }

  const keysOfMarks = isGiven => el('p.note', {}, el('mark.gold', {}, 'gold'), ' ', isGiven ? el('mark.given', {}, 'answer given') : el('mark.maybe', {}, 'best span, not given'));

  /** Returns the context with spans marked; where marks overlap, both show. */
  function marked(context, gold, best, isGiven) {
    const map = places(context);
    const place = p => Math.max(0, Math.min(context.length, map ? map[Math.min(p, map.length - 1)] : p));
    const spans = [...gold.map(g => [...g, 'gold']), ...best.map(b => [...b, isGiven ? 'given' : 'maybe'])]
      .filter(([start, length]) => typeof start === 'number' && length > 0).map(([start, length, name]) => [place(start), place(start + length), name]);
    const cuts = [...new Set([0, context.length, ...spans.flatMap(([from, to]) => [from, to])])].sort((a, b) => a - b);
    const node = el('p.context', {dir: 'auto'});
    for (let j = 0; j + 1 < cuts.length; j++) {
      const names = [...new Set(spans.filter(([from, to]) => from <= cuts[j] && cuts[j + 1] <= to).map(span => span[2]))];
      const text = context.slice(cuts[j], cuts[j + 1]);
      node.append(names.length ? el('mark.' + names.join('.'), {}, text) : text);
    }
    return node;
  }

  // ---------------------------------------------------------------- origin

  function provenance() {
    const at = section('provenance', 'How it was made', null);
    const stages = runs.flatMap(run => latest(run.history).map(line => ({run, ...line})));
    if (stages.length) {
      at.append(el('h3', {}, 'Time and memory by stage'), el('div.scroll', {}, el('table', {},
        el('thead', {}, el('tr', {}, several ? el('th', {}, 'Run') : null, el('th', {}, 'Stage'), el('th.num', {}, 'Time'), el('th.num', {}, 'Peak memory'), el('th', {}, 'What it did'), el('th', {}, 'Ended'))),
        el('tbody', {}, stages.map(line => el('tr', {}, several ? el('td', {}, line.run.name) : null, el('td', {}, line.stage),
          el('td.num', {}, duration(line.seconds), line.processes > 1 ? el('small', {}, ` in ${line.processes} runs`) : null), el('td.num', {}, memory(line.peak_memory_mb)),
          el('td', {}, line.state === 'done' ? line.summary : line.state), el('td', {}, line.ended.replace('T', ' ').replace('Z', ' UTC'))))))));
    } else {
      at.append(el('p.note', {}, 'Times, memory and hardware were not recorded when this was made.'));
    }
    const machine = (part, title) => {
      const names = [...new Set(stages.flatMap(line => Object.keys(line[part] || {})))];
      if (!names.length) return;
      at.append(el('h3', {}, title), el('div.scroll', {}, el('table', {}, el('tbody', {}, names.map(name => {
        const byValue = d3.group(stages.filter(line => line[part]?.[name]), line => line[part][name]);
        return el('tr', {}, el('td', {}, name), el('td', {}, [...byValue].map(([value, lines], i) => [i ? '; ' : '', value,
          lines.length < stages.length ? el('small', {}, ` (${[...new Set(lines.map(line => several ? `${line.run.name} ${line.stage}` : line.stage))].join(', ')})`) : null]).flat()));
      })))));
    };
    machine('hardware', 'Hardware');
    machine('versions', 'Versions');
    settings(at);
    digests(at);
  }

  /** Returns for each stage its last process, with the time of those before it that were stopped or failed. */
  function latest(history) {
    const byStage = new Map();
    for (const line of history) {
      const earlier = byStage.get(line.stage);
      const goesOn = earlier && earlier.state !== 'done';
      byStage.set(line.stage, {...line, seconds: line.seconds + (goesOn ? earlier.seconds : 0), processes: 1 + (goesOn ? earlier.processes : 0),
        peak_memory_mb: d3.max([line.peak_memory_mb, goesOn ? earlier.peak_memory_mb : null])});
    }
    return [...byStage.values()];
  }

  function settings(at) {
    const names = [...new Set(runs.flatMap(run => Object.keys(run.settings)))];
    if (!names.length) return;
    const table = list => el('div.scroll', {}, el('table', {}, el('thead', {}, el('tr', {}, el('th', {}, 'Setting'), runs.map(run => el('th', {}, run.name)))),
      el('tbody', {}, list.map(name => el('tr', {}, el('td', {}, el('code', {}, name)), runs.map(run => el('td', {}, el('code', {}, run.settings[name] ?? '–'))))))));
    if (several) {
      const differ = names.filter(name => name !== 'run.dir' && new Set(runs.map(run => run.settings[name])).size > 1);
      at.append(el('h3', {}, differ.length ? 'Settings that differ' : 'The runs have the same settings'));
      if (differ.length) at.append(table(differ));
    }
    at.append(el('details.more', {}, el('summary', {}, `All ${names.length} settings`), table(names)));
  }

  function digests(at) {
    const rows = runs.flatMap(run => Object.entries(run.digests).map(([path, sha]) => [run, path, sha]));
    if (!rows.length) return;
    at.append(el('details.more', {}, el('summary', {}, `SHA-256 of ${whole(rows.length)} inputs and results`),
      el('div.scroll', {}, el('table', {}, el('thead', {}, el('tr', {}, several ? el('th', {}, 'Run') : null, el('th', {}, 'Path'), el('th', {}, 'SHA-256'))),
        el('tbody', {}, rows.map(([run, path, sha]) => el('tr', {}, several ? el('td', {}, run.name) : null, el('td', {}, el('code', {}, path)), el('td', {}, el('code', {}, sha)))))))));
  }

  // ---------------------------------------------------------------- all of it

  main.replaceChildren();
  head();
  results();
  training();
  answers();
  if (splitNames().length) {
    const at = section('errors', 'Questions one by one', 'What was asked, said and expected. Open a question for its context and the best candidates.');
    at.append(el('div', {id: 'questions-shown'}, el('p.note', {}, 'Loading …')));
    load().then(browser).catch(error => {
      document.getElementById('questions-shown').replaceChildren(el('p.note', {}, `The questions can’t be shown: ${error.message}. The list needs a browser of 2023 or newer.`));
    });
  }
  provenance();
  // print shows what is folded on the screen
  window.addEventListener('beforeprint', () => {
    for (const more of document.querySelectorAll('details.more')) more.open = true;
  });
  const links = sections.map(([id, title]) => el('a', {href: '#' + id}, title));
  const hard = document.getElementById('slices');
  if (hard) links.splice(sections.findIndex(([id]) => id === 'answers') + 1, 0, el('a', {href: '#slices'}, hard.textContent));
  document.getElementById('top').append(el('nav', {}, links));
  document.getElementById('foot').append('Made by spark-qa. The page loads nothing from anywhere. Charts by D3 7, © Mike Bostock, ISC licence.');
})();
