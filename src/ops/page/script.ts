/**
 * The status page's script, for old browsers: no fetch, no arrow, no template. What comes from outside (fault texts hold
 * paths, names and answers of others) becomes text nodes only.
 */
export const SCRIPT = `(function () {
  'use strict';
  var EVERY = 3000, PATIENCE = 8000;
  var words = JSON.parse(document.getElementById('words').textContent);
  var answered = null;

  function say(name, values) {
    return (words[name] || name).replace(/[{]([a-z]+)[}]/g, function (all, key) { return String((values || {})[key]); });
  }
  function make(tag, text, kind) {
    var node = document.createElement(tag);
    if (text !== undefined && text !== null) node.appendChild(document.createTextNode(String(text)));
    if (kind) node.className = kind;
    return node;
  }
  function add(parent, children) {
    for (var i = 0; i < children.length; i += 1) parent.appendChild(children[i]);
    return parent;
  }
  function keys(object) { return object && typeof object === 'object' ? Object.keys(object) : []; }
  function two(n) { return n < 10 ? '0' + n : String(n); }

  /* Moments are UTC; the gate tells its own local time beside them. */
  function local(health, moment) {
    if (!moment) return '-';
    var offset = Date.parse(health.local.replace(' ', 'T') + 'Z') - Date.parse(health.now);
    var at = new Date(Date.parse(moment) + offset);
    return at.getUTCFullYear() + '-' + two(at.getUTCMonth() + 1) + '-' + two(at.getUTCDate()) + ' ' +
      two(at.getUTCHours()) + ':' + two(at.getUTCMinutes()) + ':' + two(at.getUTCSeconds());
  }
  /* Without the day, if it is today's. */
  function brief(health, moment) {
    var text = local(health, moment);
    return text.slice(0, 11) === health.local.slice(0, 11) ? text.slice(11) : text;
  }
  function lasted(health, moment) {
    var s = Math.max(0, Math.floor((Date.parse(health.now) - Date.parse(moment)) / 1000));
    if (s < 60) return s + words.seconds;
    if (s < 3600) return Math.floor(s / 60) + words.minutes;
    if (s < 86400) return Math.floor(s / 3600) + words.hours + ' ' + (Math.floor(s / 60) % 60) + words.minutes;
    return Math.floor(s / 86400) + words.days + ' ' + (Math.floor(s / 3600) % 24) + words.hours;
  }
  function size(bytes) {
    return bytes < 1e6 ? (bytes / 1e3).toFixed(1) + ' kB' : (bytes / 1e6).toFixed(1) + ' MB';
  }

  function table(heads, rows) {
    var node = make('table'), row = make('tr');
    for (var h = 0; h < heads.length; h += 1) row.appendChild(make('th', heads[h]));
    node.appendChild(add(make('thead'), [row]));
    var body = node.appendChild(make('tbody'));
    for (var r = 0; r < rows.length; r += 1) {
      row = body.appendChild(make('tr'));
      for (var c = 0; c < rows[r].length; c += 1) {
        var cell = rows[r][c];
        row.appendChild(cell && cell.nodeType ? add(make('td'), [cell]) : make('td', cell));
      }
    }
    return add(make('div', null, 'wide'), [node]);
  }

  function faults(health) {
    if (health.faults.length === 0) return [make('p', words.none, 'good')];
    return health.faults.map(function (fault) {
      var since = say('since', { n: local(health, fault.since) }) + ' (' + lasted(health, fault.since) + ')';
      return add(make('div', null, 'fault'), [
        add(make('p'), [make('b', fault.code), make('span', ' ' + fault.subject + ' '), make('small', since)]),
        make('p', fault.text),
      ]);
    });
  }
  function lane(health, id, told) {
    var last = told.last;
    var what = !last ? '-' : say(last.outcome) + (last.reason ? ', ' + say(last.reason) : '') + ' ' + brief(health, last.at);
    var held = last && last.outcome === 'held';
    return [id + ' (' + say(told.direction) + ')', make('span', what, held ? 'bad' : ''), last && last.arm ? say(last.arm) : ''];
  }
  function parks(health) {
    var nodes = [];
    keys(health.parks).forEach(function (id) {
      var park = health.parks[id];
      nodes.push(add(make('h3', park.name + ' '), [make('small', id + ', ' + say('open', { n: health.openVisits[id] }))]));
      nodes.push(table([words.lane, words.last, words.arm], keys(park.lanes).map(function (name) {
        return lane(health, name, park.lanes[name]);
      })));
    });
    return nodes;
  }
  function figures(health) {
    var all = health.figures;
    var nodes = keys(all.lastHour).map(function (id) {
      return make('p', say('hour', { park: id, a: all.lastHour[id]['in'], b: all.lastHour[id].out }));
    });
    if (all.decisionMs) nodes.push(make('p', say('decision', { a: all.decisionMs.median, b: all.decisionMs.most })));
    if (all.flushMs) nodes.push(make('p', say('flush', { a: all.flushMs.median, b: all.flushMs.most })));
    return nodes;
  }
  function outbox(health) {
    var dead = 0;
    var rows = keys(health.outbox).map(function (id) {
      var park = health.outbox[id];
      dead += park.dead;
      var oldest = park.oldest ? brief(health, park.oldest) + ' (' + lasted(health, park.oldest) + ')' : '-';
      return [id, String(park.waiting), oldest, make('span', String(park.dead), park.dead > 0 ? 'bad' : '')];
    });
    var nodes = [table([words.park, words.waiting, words.oldest, words.dead], rows)];
    if (dead > 0) nodes.push(make('p', words.outboxHint, 'quiet'));
    return nodes;
  }
  function devices(health) {
    var all = (health.devices && health.devices.devices) || {};
    return [table([words.device, words.state, words.readings, words.orders, words.discards], keys(all).map(function (id) {
      var counts = all[id], discarded = 0;
      keys(counts.discards).forEach(function (reason) { discarded += counts.discards[reason]; });
      var codes = health.faults.filter(function (fault) { return fault.subject === id; })
        .map(function (fault) { return fault.code; });
      var state = codes.length > 0 ? make('span', codes.join(', '), 'bad') : make('span', 'OK', 'good');
      return [id, state, String(counts.readings), String(counts.orders), String(discarded)];
    }))];
  }
  function reach(health) {
    var way = health.reach, probe = way.lastProbe;
    var name = way.publicUrl === null ? 'probeOff' : !probe ? 'probeNone' : probe.ok ? 'probeOk' : 'probeFailed';
    var told = say(name, {
      is: say(way.line), url: way.publicUrl, ago: probe ? lasted(health, probe.at) : '',
      ms: probe ? probe.ms : '', why: probe ? probe.why : '',
    });
    return [
      make('p', told, way.line === 'down' ? 'bad' : ''),
      make('p', say('internet', { is: say(way.internet) }), way.internet === 'down' ? 'bad' : ''),
    ];
  }
  function notices(health) {
    return keys(health.notices).map(function (id) {
      var park = health.notices[id], last = park.lastAnswer;
      var answer = !last ? '' : say('answer' + last.verdict.charAt(0).toUpperCase() + last.verdict.slice(1), {
        ago: lasted(health, last.at), why: last.why,
      });
      return make('p', say('told', { park: id, n: park.told }) + answer);
    });
  }
  function archive(health) {
    var a = health.archive;
    var counts = { a: a.visits, b: a.orders, c: a.passages, d: size(a.bytes) };
    var span = a.from ? local(health, a.from) + ' – ' + local(health, a.to) : words.empty;
    return [make('p', say('archived', counts)), make('p', span, 'quiet')];
  }
  function about(health) {
    return [
      make('p', say('about', {
        a: health.version, b: local(health, health.since), c: lasted(health, health.since), d: health.seq,
      })),
      make('p', say('asOf', { n: health.local }) + ', ' + health.zone, 'quiet'),
    ];
  }

  /* A part that is as it was stays: text that a person has marked stays marked. */
  function show(id, title, nodes) {
    var old = document.getElementById(id), fresh = make('section');
    fresh.id = id;
    if (title) fresh.appendChild(make('h2', title));
    add(fresh, nodes);
    fresh.hidden = nodes.length === 0;
    if (old.innerHTML !== fresh.innerHTML) old.parentNode.replaceChild(fresh, old);
  }
  function head(kind, text) {
    document.getElementById('head').className = kind;
    document.getElementById('state').textContent = text;
    document.title = text + ' – ' + words.title;
  }
  function render(health) {
    var ok = health.status === 'ok';
    head(ok ? 'ok' : 'degraded', ok ? words.ok : say('degraded', { n: health.faults.length }));
    document.getElementById('lost').hidden = true;
    document.getElementById('now').className = '';
    show('faults', words.faults, faults(health));
    show('parks', words.parks, parks(health));
    show('figures', words.figures, figures(health));
    show('outbox', words.outbox, outbox(health));
    show('notices', words.notices, notices(health));
    show('reach', words.reach, reach(health));
    show('devices', words.devices, devices(health));
    show('archive', words.archive, archive(health));
    show('about', '', about(health));
  }
  function lost() {
    head('lost', words.lostAtOnce);
    var box = document.getElementById('lost');
    box.textContent = answered ? say('lost', { n: answered.local }) : words.lostAtOnce;
    box.appendChild(make('small', words.lostHint));
    box.hidden = false;
    document.getElementById('now').className = 'stale';
  }

  function ask() {
    var request = new XMLHttpRequest();
    var done = false;
    function end(health) {
      if (done) return;
      done = true;
      setTimeout(ask, EVERY);
      if (!health) return lost();
      /* The gate was updated: so is its page. */
      if (health.version !== words.version) return location.reload();
      answered = health;
      render(health);
    }
    request.open('GET', 'healthz?lang=' + words.language, true);
    request.timeout = PATIENCE;
    request.onload = function () {
      var health = null;
      try { health = request.status === 200 ? JSON.parse(request.responseText) : null; } catch (e) { health = null; }
      end(health);
    };
    request.onerror = request.ontimeout = request.onabort = function () { end(null); };
    request.send();
  }
  ask();
})();
`;
