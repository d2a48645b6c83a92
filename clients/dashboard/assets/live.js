// Keeps the page as new as the programme. Without it everything works; it only saves reloading.
"use strict";
(() => {
  const page = document.body.dataset;
  if ("past" in page) return; // what was does not change
  const kinds = new Set(page.kinds.split(" "));
  const line = (id) => document.getElementById(id);
  const english = document.documentElement.lang === "en";
  const QUIET_MS = 4000; // between two sentences, for those who hear them
  const GAP_MS = "asked" in page ? 5000 : 250; // what was asked for takes a while to make
  const RETRY_MS = 2000;
  const SILENT_MS = 15000; // without a word: the stream says every five seconds how things are
  let viewed = Date.now(), fetching = false, again = false, spoken = 0, waiting = null;
  let stream = null, position = page.position, heard = Date.now();

  // Makes the old element the new one, touching only what differs: focus, scrolling and what is
  // unfolded stay.
  function morph(old, fresh) {
    const lit = old.classList.contains("changed");
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
    }
    for (const { name, value } of [...fresh.attributes]) {
      if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    if (lit) old.classList.add("changed");
    morphChildren(old, fresh);
  }

  function morphChildren(old, fresh) {
    const named = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
    let place = old.firstChild;
    for (const wanted of [...fresh.childNodes]) {
      let found = wanted.id && named.has(wanted.id) ? named.get(wanted.id) : place;
      const fits = found && found.nodeType === wanted.nodeType && found.nodeName === wanted.nodeName &&
        (found.id || "") === (wanted.id || "");
      if (!fits) {
        if (wanted.nodeType === 1 && wanted.classList) wanted.classList.add("changed");
        old.insertBefore(wanted, place);
        continue;
      }
      if (found !== place) old.insertBefore(found, place);
      else place = place.nextSibling;
      if (found.nodeType !== 1) {
        if (found.data !== wanted.data) {
          found.data = wanted.data;
          flash(found.parentElement);
        }
      } else if (!found.isEqualNode(wanted)) morph(found, wanted);
    }
    while (place) {
      const next = place.nextSibling;
      place.remove();
      place = next;
    }
  }

  function flash(element) {
    element.classList.remove("changed");
    requestAnimationFrame(() => element.classList.add("changed"));
  }

  // One at a time, and in a burst of events not more often than a reader can see.
  async function refresh() {
    if (document.querySelector("main form[method=post]")) { // what was typed stays
      line("outdated").hidden = false;
      return;
    }
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    do {
      again = false;
      try {
        const answer = await fetch(location.href, { headers: { "X-Waternet-Part": "main" } });
        const text = await answer.text();
        const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("main");
        if (answer.status === 429 || answer.status >= 500 || !fresh) throw new Error("no page");
        morph(line("main"), fresh);
        await pause(GAP_MS);
      } catch (error) {
        again = true; // the dashboard is away; the stream notices too
        await pause(RETRY_MS);
      }
    } while (again);
    fetching = false;
  }

  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  function speak(sentence) {
    const wait = spoken + QUIET_MS - Date.now();
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      spoken = Date.now();
      line("told").textContent = sentence;
    }, Math.max(0, wait));
  }

  function showState(state, age) {
    if (age >= 0) viewed = Date.now() - age;
    if (line("state").dataset.state !== state) {
      line("state").dataset.state = state;
      line("state-name").textContent = page[camel(state)];
      line("state-means").textContent = page[camel(state + "-means")];
    }
    showAge();
  }

  const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

  function showAge() {
    const live = line("state").dataset.state === "live";
    const seconds = Math.round((Date.now() - viewed) / 1000);
    const text = seconds < 120 ? page.seconds.replace("{1}", seconds)
      : page.minutes.replace("{1}", Math.round(seconds / 60));
    line("state-age").textContent = live ? "" : text;
    if (live) viewed = Date.now();
  }

  const clock = new Intl.DateTimeFormat(english ? "en-GB" : "nl-NL",
    { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit",
      hourCycle: "h23", timeZone: "Europe/Amsterdam" });
  const viewOf = line("state-view").textContent.split(" ").slice(0, 2).join(" ");
  setInterval(() => {
    if (line("state").dataset.state === "live") {
      line("state-view").textContent = viewOf + " " + clock.format(new Date()).replace(/ (om|at) /, ", ");
    }
    showAge();
  }, 1000);

  function onEvent(message) {
    const event = JSON.parse(message.data);
    const here = page.region === "" || page.region === event.region;
    heard = Date.now();
    position = message.lastEventId;
    if (here && kinds.has(event.kind)) refresh();
    if (here) speak(english ? event.en : event.nl);
  }

  function onState(message) {
    const told = JSON.parse(message.data);
    heard = Date.now();
    showState(told.state, told.age_ms);
  }

  // A browser comes back by itself to where it was, but not after an answer that was no stream,
  // which is what stands in front of the dashboard gives while that is away.
  function listen() {
    if (stream) stream.close();
    heard = Date.now();
    stream = new EventSource("/live?after=" + position);
    stream.addEventListener("happened", onEvent);
    stream.addEventListener("state", onState);
    stream.addEventListener("reload", (message) => {
      onState(message);
      refresh();
    });
    stream.addEventListener("error", ({ target }) => {
      showState("stale", -1);
      if (target.readyState === EventSource.CLOSED) setTimeout(listen, RETRY_MS);
    });
  }

  setInterval(() => {
    if (Date.now() - heard > SILENT_MS) {
      showState("stale", -1);
      listen();
    }
  }, RETRY_MS);
  listen();
})();
