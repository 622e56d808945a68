'use strict';
// One page for a run, an evaluation and a comparison: data in, elements out. Nothing is fetched, except by the live view.
(() => {
  const PERCENT = new Set(['train_top1', 'val_top1', 'val_top5']);
  const CURVES = ['epoch', 'lr', 'train_loss', 'val_loss', 'train_top1', 'val_top1', 'val_top5'];
  const MANY = 30; // classes from which on a matrix shows colours without numbers
  const reduced = value => value === null || value === undefined || Number.isNaN(value);
  const number = (value, digits = 4) => reduced(value) ? '–' : Number(value).toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: Number.isInteger(value) ? 0 : Math.min(digits, 4) });
  const percent = (value, digits = 1) => reduced(value) ? '–' : (100 * value).toFixed(digits) + '\u00a0%';
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const EVERY = 2000; // milliseconds between questions of the live view
  const PATIENCE = 2; // questions without an answer until it gives up
  let plots = [];

  /** An element with attributes and children; on... are listeners. */
  function h(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
      else if (value !== null && value !== false) element.setAttribute(name, value === true ? '' : value);
    }
    element.append(...children.flat().filter(child => child !== null && child !== undefined));
    return element;
  }

  function section(id, title, about, ...children) {
    return h('section', { id, 'aria-labelledby': id + '-title' }, h('h2', { id: id + '-title' }, title), about ? h('p', { class: 'soft' }, about) : null, ...children);
  }

  function table(caption, columns, rows) {
    return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption }, h('table', { class: 'plain' },
      h('caption', {}, h('span', {}, caption)),
      h('thead', {}, h('tr', {}, columns.map(column => h('th', { scope: 'col' }, column)))),
      h('tbody', {}, rows.map(row => h('tr', {}, row.map((cell, i) => i === 0 ? h('th', { scope: 'row' }, String(cell)) : h('td', {}, cell)))))));
  }

  /** A table whose columns sort: {name, text(row), sort(row), part(row)}. */
  function sortable(caption, columns, rows) {
    const body = h('tbody');
    const heads = columns.map((column, i) => h('th', { scope: 'col' }, h('button', { type: 'button', onclick: () => sort(i) }, column.name)));
    let down = false, last = -1;
    function fill(sorted) {
      body.replaceChildren(...sorted.map(row => h('tr', {}, columns.map((column, i) => {
        if (i === 0) return h('th', { scope: 'row' }, column.text(row));
        const part = column.part ? column.part(row) : null;
        return h('td', part === null ? {} : { class: 'bar', style: '--part:' + (part || 0) }, column.text(row));
      }))));
    }
    function sort(i) {
      down = last === i ? !down : i !== 0;
      last = i;
      const key = columns[i].sort;
      fill([...rows].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (down ? -1 : 1)));
      heads.forEach((head, j) => j === i ? head.setAttribute('aria-sort', down ? 'descending' : 'ascending') : head.removeAttribute('aria-sort'));
    }
    fill(rows);
    return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption }, h('table', { class: 'plain' }, h('caption', {}, h('span', {}, caption)), h('thead', {}, h('tr', {}, heads)), body));
  }

  /** A chart with a table of its numbers. series: {name, values, colour, percent, dash, bars, points}. */
  function chart(title, xName, xs, series, options = {}) {
    const holder = h('div', { class: 'plot', role: 'img', tabindex: 0, 'aria-label': title + '. The numbers are in the table below; the arrow keys move a cursor.' });
    const rows = xs.map((x, i) => [options.xText ? options.xText(i) : number(x), ...series.map(s => s.percent ? percent(s.values[i]) : number(s.values[i], 6))]);
    const figure = h('figure', {}, h('h3', {}, title), holder, h('details', { 'data-name': title }, h('summary', {}, 'The numbers'), table(title, [xName, ...series.map(s => s.name)], rows)));
    const draw = () => {
      holder.replaceChildren();
      const ink = colour('--soft'), grid = { stroke: colour('--line'), width: 1 };
      const axis = { stroke: ink, grid, ticks: grid, font: '12px system-ui, sans-serif' };
      const format = s => (u, v) => reduced(v) ? '–' : s.percent ? percent(v) : number(v, 6);
      const all = [xs, ...series.map(s => s.values.map(v => reduced(v) ? null : v))];
      const u = new uPlot({
        width: Math.max(260, holder.clientWidth), height: 250, padding: [10, 12, 0, 0],
        scales: { x: { time: false, range: options.xRange }, y: { distr: options.log ? 3 : 1, range: options.yRange } },
        axes: [{ ...axis, incrs: options.whole ? [1, 2, 5, 10, 20, 50, 100, 200, 500] : undefined },
          { ...axis, size: 62, values: (u, values) => values.map(v => v === null ? '' : series[0].percent ? percent(v, options.digits || 0) : v !== 0 && Math.abs(v) < 1e-3 ? Number(v.toPrecision(3)).toExponential() : String(Number(v.toPrecision(6)))) }],
        series: [{ label: xName, value: (u, v) => reduced(v) ? '–' : number(v, 3) }, ...series.map(s => ({
          label: s.name, stroke: colour(s.colour), width: 2, dash: s.dash, value: format(s), spanGaps: true,
          fill: s.bars ? colour(s.colour) + '33' : undefined, paths: s.bars ? uPlot.paths.bars({ size: [0.9, 60] }) : undefined,
          points: { show: s.points || s.values.filter(v => !reduced(v)).length < 2 ? true : undefined, size: s.points ? 8 : 5 } }))],
      }, all, holder);
      let at = -1;
      holder.onkeydown = event => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        at = Math.max(0, Math.min(xs.length - 1, at + step));
        u.setCursor({ left: u.valToPos(xs[at], 'x'), top: u.bbox.height / 2 / devicePixelRatio });
      };
      return u;
    };
    plots.push({ draw, plot: null, holder });
    return figure;
  }

  function drawPlots() {
    for (const p of plots) {
      if (p.plot) p.plot.destroy();
      p.plot = p.draw();
    }
  }

  const column = (history, name) => history.map(row => row[name] === undefined ? null : row[name]);
  const has = (history, name) => history.some(row => !reduced(row[name]));

  function curves(data) {
    const history = data.history;
    if (!history || history.length === 0) return null;
    const epochs = column(history, 'epoch');
    const pick = (names, rest) => names.filter(([name]) => has(history, name)).map(([name, label, c, dash]) => ({ name: label, values: column(history, name), colour: c, dash, ...rest }));
    const charts = [
      ['Loss', pick([['train_loss', 'training', '--s0'], ['val_loss', 'validation', '--s1']]), {}],
      ['Accuracy', pick([['train_top1', 'training top-1', '--s0'], ['val_top1', 'validation top-1', '--s1'], ['val_top5', 'validation top-5', '--s2', [6, 4]]], { percent: true }), {}],
      ['Learning rate', pick([['lr', 'learning rate', '--s3']]), {}]];
    return section('curves', 'Learning curves', 'Training figures are means over the epoch while the weights changed; validation comes behind each epoch.',
      h('div', { class: 'charts' }, charts.filter(([, series]) => series.length).map(([title, series, options]) => chart(title, 'epoch', epochs, series, { whole: true, ...options }))));
  }

  function timings(data) {
    const history = data.history;
    if (!history || history.length === 0) return null;
    const names = Object.keys(history[0]).filter(name => !CURVES.includes(name) && has(history, name));
    if (names.length === 0) return null;
    const words = { images_per_s: 'training pictures a second', seconds: 'seconds of the epoch', data_wait_s: 'seconds waiting for data' };
    const sum = name => history.reduce((total, row) => total + (row[name] || 0), 0);
    const duration = s => s < 120 ? number(s, 1) + ' seconds' : s < 7200 ? number(s / 60, 1) + ' minutes' : number(s / 3600, 1) + ' hours';
    const total = sum('seconds') > 0 ? `${number(history.length)} ${history.length === 1 ? 'epoch' : 'epochs'} took ${duration(sum('seconds'))}` : null;
    const wait = total && has(history, 'data_wait_s') ? `; training waited ${percent(sum('data_wait_s') / sum('seconds'))} of that for pictures` : '';
    return section('timings', 'Timings', total ? total + wait + '.' : 'What each epoch took.', table('Timings by epoch', ['epoch', ...names.map(n => words[n] || n.replaceAll('_', ' '))], history.map(row => [row.epoch, ...names.map(n => number(row[n], 2))])));
  }

  function keyFigures(e, remark) {
    const ci = e.confidence_intervals;
    const figure = (name, value, range, text = number) => h('div', {}, h('dt', {}, name), h('dd', {}, text(value), range ? h('small', {}, text(range[0]) + ' to ' + text(range[1])) : null));
    const p2 = v => percent(v, 2);
    const several = e.multi_label;
    const figures = several
      ? [figure('exactly right', several.exact, several.exact_interval, p2), figure('wrong answers', several.hamming_loss, null, p2), figure('macro F1', several.macro.f1, several.macro_f1_interval),
        figure('micro F1', several.micro.f1), figure('macro ROC-AUC', several.macro.roc_auc), figure('calibration error', several.calibration.ece)]
      : [figure('top-1', e.top1, ci.top1, p2), figure('top-5', e.top5, ci.top5, p2), figure('loss', e.loss, ci.loss), figure('macro F1', e.macro.f1, ci.macro_f1),
        figure('Cohen’s kappa', e.kappa, ci.kappa), figure('calibration error', e.calibration.ece, ci.ece)];
    const more = several ? `Several classes at once; macro average precision ${number(several.macro.average_precision)}. The confusion matrix shows the largest logit only.`
      : `Macro ROC-AUC ${number(e.macro.roc_auc)}, macro average precision ${number(e.macro.average_precision)}, Brier score ${number(e.brier)}.`;
    return h('div', {}, h('dl', { class: 'figures' }, figures),
      h('p', { class: 'soft' }, `${number(e.images)} pictures of ${e.data}, judged at ${number(e.images_per_s, 0)} a second. The ranges hold the true figure with ${percent(ci.level, 0)} confidence (bootstrap over the pictures). ${more}`), remark ? h('p', { class: 'soft' }, remark) : null);
  }

  function pictureGrid(data, entries) {
    return h('div', { class: 'pictures' }, entries.map(entry => {
      const right = data.classes[entry.label], named = data.classes[entry.predicted];
      const picture = data.pictures[entry.picture];
      return h('figure', {}, h('img', { src: picture, alt: `Picture ${entry.picture}: ${right}, named ${named} with ${percent(entry.confidence)}`, class: data.smallPictures ? 'small' : null, loading: 'lazy' }),
        h('figcaption', {}, h('strong', {}, named), ' ' + percent(entry.confidence), entry.label === entry.predicted ? null : h('em', {}, h('br'), 'is ' + right)));
    }));
  }

  function confusion(data) {
    const counts = (data.evaluation || data).confusion, classes = data.classes, many = classes.length > MANY;
    const status = h('p', { id: 'cell-status', role: 'status', class: 'soft' }, data.cells ? 'Choose a cell: its pictures appear below.' : data.remark);
    const shown = h('div', { id: 'cell-pictures' });
    const cells = [];
    const sums = counts.map(row => row.reduce((a, b) => a + b, 0));
    let at = [0, 0], selected = null;
    function describe(r, c) {
      const n = counts[r][c];
      return r === c ? `${number(n)} of ${number(sums[r])} ${classes[r]} rightly named` : `${number(n)} of ${number(sums[r])} ${classes[r]} named ${classes[c]}`;
    }
    function open(r, c) {
      if (selected) selected.removeAttribute('aria-selected');
      selected = cells[r][c];
      selected.setAttribute('aria-selected', 'true');
      const entries = (data.cells || {})[r + ',' + c] || [];
      status.textContent = describe(r, c) + (entries.length && entries.length < counts[r][c] ? `; the ${entries.length} most confident are shown.` : '.');
      shown.replaceChildren(pictureGrid(data, entries));
    }
    function focus(r, c) {
      cells[at[0]][at[1]].tabIndex = -1;
      at = [Math.max(0, Math.min(classes.length - 1, r)), Math.max(0, Math.min(classes.length - 1, c))];
      const cell = cells[at[0]][at[1]];
      cell.tabIndex = 0;
      cell.focus();
      if (many) status.textContent = describe(...at) + '.';
    }
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    function key(event) {
      const move = moves[event.key];
      if (move) focus(at[0] + move[0], at[1] + move[1]);
      else if (event.key === 'Home') focus(at[0], 0);
      else if (event.key === 'End') focus(at[0], classes.length - 1);
      else if (event.key === 'Enter' || event.key === ' ') open(...at);
      else return;
      event.preventDefault();
    }
    const where = event => { const td = event.target.closest('td'); return td ? [Number(td.dataset.r), Number(td.dataset.c)] : null; };
    const body = h('tbody', { onkeydown: key, onclick: event => { const rc = where(event); if (rc) { focus(...rc); open(...rc); } } },
      counts.map((row, r) => h('tr', { role: 'row' }, h('th', { scope: 'row', role: 'rowheader', title: classes[r] }, classes[r]), (cells[r] = row.map((n, c) => h('td', {
        role: 'gridcell', 'data-r': r, 'data-c': c, 'data-n': n || null, tabindex: r + c === 0 ? 0 : -1, title: many && n ? describe(r, c) : null, 'aria-label': n ? describe(r, c) : null,
        style: n ? `background: rgba(var(${r === c ? '--heat' : '--wrong'}), calc(var(--least) + var(--most) * ${Math.sqrt(n / Math.max(1, sums[r])).toFixed(3)}))` : null }, n ? String(n) : ''))))));
    const matrix = h('table', { class: 'matrix' + (many ? ' many' : ''), role: 'grid', 'aria-label': 'Confusion matrix: rows are the right classes, columns the named ones' },
      h('thead', {}, h('tr', { role: 'row' }, h('td', {}), classes.map(name => h('th', { scope: 'col', role: 'columnheader', title: name }, h('span', {}, name))))), body);
    const pairs = counts.flatMap((row, r) => row.map((n, c) => [n, r, c])).filter(([n, r, c]) => r !== c && n > 0).sort((a, b) => b[0] - a[0]).slice(0, 12);
    return section('confusion', 'Confusion matrix', 'Rows: the right class. Columns: what the network said. The darker, the larger the part of the row. Arrow keys move, Enter opens.',
      pairs.length ? h('div', {}, h('h3', {}, 'Most often confused'), h('ul', { class: 'pairs' }, pairs.map(([n, r, c]) => h('li', {}, h('button', { type: 'button', onclick: () => { open(r, c); status.scrollIntoView({ block: 'nearest' }); } }, `${classes[r]} → ${classes[c]}: ${number(n)}`))))) : null,
      h('div', { class: 'scroll' }, matrix), status, shown);
  }

  function perClass(data) {
    const rows = (data.evaluation.multi_label || data.evaluation).per_class;
    const figure = (name, field) => ({ name, text: row => number(row[field]), sort: row => reduced(row[field]) ? -1 : row[field], part: row => row[field] });
    const columns = [{ name: 'class', text: row => row.class, sort: row => row.class }, { name: 'pictures', text: row => number(row.support), sort: row => row.support },
      figure('precision', 'precision'), figure('recall', 'recall'), figure('F1', 'f1'), figure('ROC-AUC', 'roc_auc'), figure('average precision', 'average_precision')];
    if (rows.some(row => row.threshold !== undefined)) columns.push({ name: 'threshold', text: row => number(row.threshold), sort: row => row.threshold });
    return section('classes', 'Classes', 'The headings sort.', sortable('Each class against the rest', columns, rows));
  }

  function pictures(data) {
    const part = (id, title, about, entries) => entries && entries.length ? section(id, title, about, pictureGrid(data, entries)) : null;
    return [part('mistakes', 'Most confident mistakes', 'Wrong, and sure of it: look here for wrong labels, too.', data.mistakes), part('doubts', 'Least confident hits', 'Right, but barely.', data.doubts)];
  }

  function calibration(data) {
    const e = data.evaluation.multi_label || data.evaluation, scaling = e.temperature_scaling, bins = e.calibration.bins;
    const middle = bin => (bin.low + bin.high) / 2;
    const xs = [...new Set([0, 1, ...bins.map(middle), ...(scaling ? scaling.calibration.bins.map(middle) : [])])].sort((a, b) => a - b);
    const value = (list, x) => { const bin = list.find(b => middle(b) === x); return bin ? bin.accuracy : null; };
    const series = [{ name: 'accuracy', values: xs.map(x => value(bins, x)), colour: '--s0', bars: true, percent: true }];
    if (scaling) series.push({ name: 'with temperature', values: xs.map(x => value(scaling.calibration.bins, x)), colour: '--s1', points: true, percent: true });
    series.push({ name: 'perfect', values: xs, colour: '--s2', dash: [6, 4], percent: true });
    const text = scaling ? `Expected calibration error ${number(e.calibration.ece)}; ${number(scaling.calibration.ece)} with the temperature ${number(scaling.temperature, 3)}, fitted on ${scaling.fitted_on}.` : `Expected calibration error ${number(e.calibration.ece)}.`;
    return section('calibration', 'Calibration', 'Of the pictures of which the network is so sure, how many are right? ' + text,
      chart('Reliability curve', 'confidence', xs, series, { xRange: [0, 1], yRange: [0, 1] }));
  }

  function facts(data) {
    const lists = Object.entries(data.facts || {});
    if (lists.length === 0) return null;
    return section('facts', 'Configuration and environment', null, h('div', { class: 'lists' }, lists.map(([title, fields]) => h('div', {}, h('h3', {}, title), h('dl', { class: 'facts' }, Object.entries(fields).flatMap(([k, v]) => [h('dt', {}, k), h('dd', {}, String(v))]))))));
  }

  function drawings(data) {
    if (!data.drawings) return null;
    const names = ['Drawing of the network', 'Drawing of the first dense block'];
    return section('network', 'Network', 'Heights stand for pixels, widths for channels; each layer’s new channels have its colour.', data.drawings.map((svg, i) => {
      const holder = h('div', { class: 'drawing', tabindex: 0, role: 'region', 'aria-label': names[i] });
      holder.innerHTML = svg; // our own, whose texts are escaped
      return holder;
    }));
  }

  function comparison(data) {
    const rows = data.runs.map((run, i) => [run.name, run.epochs === null ? '–' : number(run.epochs), ...['top1', 'loss', 'macro_f1', 'ece'].map(f => interval(run[f], f === 'top1'))]);
    function interval(f, asPercent) {
      if (!f) return '–';
      const text = v => asPercent ? percent(v, 2) : number(v);
      return f.low === null || f.low === undefined ? text(f.value) : `${text(f.value)} (${text(f.low)} to ${text(f.high)})`;
    }
    const verdicts = h('ul', {}, data.differences.map(d => h('li', {}, h('span', { class: 'verdict' + (d.real ? ' yes' : '') }, d.real ? 'real: ' : 'not shown: '), d.text)));
    const epochs = [...new Set(data.runs.flatMap(run => (run.history || []).map(row => row.epoch)))].sort((a, b) => a - b);
    const overlay = (title, field, options) => {
      const series = data.runs.map((run, i) => ({ name: run.name, colour: '--s' + i % 6, dash: i >= 6 ? [6, 4] : undefined, percent: options.percent, values: epochs.map(e => { const row = (run.history || []).find(r => r.epoch === e); return row && row[field] !== undefined ? row[field] : null; }) }));
      return series.some(s => s.values.some(v => !reduced(v))) ? chart(title, 'epoch', epochs, series, { whole: true }) : null;
    };
    return [section('runs', 'Runs', 'In brackets: where the true figure lies with 95 % confidence, where a run was evaluated (eval --report).', table('Figures of each run', ['run', 'epochs', 'top-1', 'loss', 'macro F1', 'calibration error'], rows)),
      section('differences', 'Differences', data.differences.length ? data.method : 'Runs are compared when both were evaluated: a run ends with its evaluation, eval --report makes it anew.', verdicts),
      epochs.length ? section('curves', 'Learning curves', null, h('div', { class: 'charts' }, overlay('Validation top-1', 'val_top1', { percent: true }), overlay('Validation loss', 'val_loss', {}), overlay('Training loss', 'train_loss', {}), overlay('Learning rate', 'lr', {}))) : null];
  }

  function themeButton() {
    const order = ['auto', 'light', 'dark'];
    let theme = 'auto';
    const button = h('button', { type: 'button', id: 'theme', onclick: () => {
      theme = order[(order.indexOf(theme) + 1) % 3];
      if (theme === 'auto') document.documentElement.removeAttribute('data-theme'); else document.documentElement.dataset.theme = theme;
      button.textContent = 'Colours: ' + theme;
      drawPlots();
    } }, 'Colours: auto');
    return button;
  }

  function render(data) {
    plots.forEach(p => p.plot && p.plot.destroy());
    plots = [];
    document.title = data.title;
    const parts = data.runs ? comparison(data).filter(Boolean)
      : [data.evaluation ? keyFigures(data.evaluation, data.remark) : null, curves(data), ...(data.evaluation ? [confusion(data), perClass(data), ...pictures(data), calibration(data)] : data.confusion ? [confusion(data)] : []), timings(data), drawings(data), facts(data)].filter(Boolean);
    document.getElementById('main').replaceChildren(...(parts.length ? parts : [h('p', { class: 'soft' }, 'Curves appear here when the first epoch has ended.')]));
    const links = parts.filter(p => p.id).map(p => h('li', {}, h('a', { href: '#' + p.id }, p.querySelector('h2').textContent)));
    if (!document.getElementById('theme')) document.getElementById('top').append(h('div', {}, h('h1', {}), h('p', { class: 'soft' })), themeButton(), h('p', { id: 'live', role: 'status' }), h('nav', { 'aria-label': 'Sections' }));
    document.querySelector('#top h1').textContent = data.title;
    document.querySelector('#top div p').textContent = data.subtitle || '';
    document.querySelector('#top nav').replaceChildren(h('ul', {}, links));
    drawPlots();
  }

  /** What a person has opened stays open when the page is drawn anew. */
  function renew(data) {
    const open = new Set([...document.querySelectorAll('details[open]')].map(d => d.dataset.name));
    const cell = document.querySelector('.matrix td[aria-selected]');
    const focused = document.activeElement && document.activeElement.closest('main') ? document.activeElement : null;
    const place = focused && focused.closest('.matrix td') ? [focused.dataset.r, focused.dataset.c] : null;
    const top = scrollY;
    render(data);
    document.querySelectorAll('details').forEach(d => { d.open = open.has(d.dataset.name); });
    const again = rc => document.querySelector(`.matrix td[data-r="${rc[0]}"][data-c="${rc[1]}"]`);
    if (cell && again([cell.dataset.r, cell.dataset.c])) again([cell.dataset.r, cell.dataset.c]).click();
    if (place && again(place)) again(place).focus({ preventScroll: true });
    else if (document.activeElement && document.activeElement.matches('.matrix td')) document.activeElement.blur();
    scrollTo(scrollX, top);
  }

  /** The live view asks for what it does not have; when the run is over or its server gone, the page stays as it is. */
  async function live(version, patience) {
    const status = document.getElementById('live');
    try {
      const news = await (await fetch('data.json?' + version)).json();
      if (news.data) renew(news.data);
      status.textContent = (news.over ? 'Over: ' : 'Live: ') + news.text;
      if (!news.over) setTimeout(live, EVERY, news.version, PATIENCE);
    } catch (error) {
      if (patience > 0) setTimeout(live, EVERY, version, patience - 1);
      else status.textContent = 'The run has ended or its live view is closed; this is the last state.';
    }
  }
  const data = JSON.parse(document.getElementById('data').textContent);
  render(data);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawPlots);
  let width = innerWidth;
  addEventListener('resize', () => { if (innerWidth !== width) { width = innerWidth; drawPlots(); } });
  if (data.live) {
    document.getElementById('live').textContent = (data.live.over ? 'Over: ' : 'Live: ') + data.live.text;
    if (!data.live.over) setTimeout(live, EVERY, data.live.version, PATIENCE);
  }
})();
