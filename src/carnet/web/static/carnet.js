// Niceties only: every page works without this file.
document.documentElement.classList.add("scripted");

// Progress has ended: see what came of it.
document.addEventListener("done", (event) => {
  const next = event.target.dataset && event.target.dataset.next;
  if (next) location.replace(next);
});

// Where nothing is heard for a while, ask whether the server is there, and look at the page anew; a quiet page only where it is over.
const SILENCE = 15000;
const watched = document.querySelector("[data-next]");
if (watched) {
  let patience = 0;
  const listen = () => {
    clearTimeout(patience);
    patience = setTimeout(() => {
      fetch(location.href).then((answer) => {
        if ("quiet" in watched.dataset && answer.ok && !answer.redirected) listen();
        else location.replace(watched.dataset.next);
      }, listen);
    }, SILENCE);
  };
  document.addEventListener("htmx:sse:after:message", listen);
  listen();
}

// A page that is long in coming: say that it is on its way.
const PATIENCE = 1000;
const waiting = document.getElementById("waiting");
let waits = 0;
const wait = (event) => {
  clearTimeout(waits);
  waits = setTimeout(() => {
    if (event.defaultPrevented) return;
    waiting.hidden = false;
    waiting.textContent = waiting.dataset.words;
  }, PATIENCE);
};
document.addEventListener("submit", wait);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || link.target || event.ctrlKey || event.metaKey) return;
  if (!link.getAttribute("href").startsWith("#") && !link.pathname.endsWith(".csv")) wait(event);
});
addEventListener("pageshow", () => {
  clearTimeout(waits);
  waiting.hidden = true;
});

const press = (form, value) => {
  const button = document.createElement("button");
  button.name = "go";
  button.value = value;
  button.hidden = true;
  form.append(button);
  form.requestSubmit(button);
};

// One box for all boxes of a page; mixed where some are ticked.
const boxes = (all) => [...all.form.querySelectorAll(`input[name="${all.dataset.all}"]`)];
const settle = (all) => {
  const ticked = boxes(all).filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes(all).length;
  all.indeterminate = ticked > 0 && !all.checked;
};
document.querySelectorAll("[data-all]").forEach(settle);

// Where nothing is ticked on any page, the way on waits for a tick on this one.
const awaitTick = (button) => {
  button.disabled = !button.form.querySelector(`input[name="${button.dataset.needs}"]:checked`);
};
document.querySelectorAll("[data-needs]").forEach(awaitTick);

// What is ticked is kept at once, so that a link away from the page loses nothing.
let unsaved = null;
let timer = 0;
let saving = null;
const save = () => {
  clearTimeout(timer);
  if (!unsaved) return;
  const data = new URLSearchParams(new FormData(unsaved));
  data.set("go", "save");
  const sent = fetch(unsaved.action, { method: "POST", body: data, keepalive: true });
  unsaved = null;
  saving = sent.finally(() => (saving = null));
};
const saveSoon = (form) => {
  unsaved = form;
  clearTimeout(timer);
  timer = setTimeout(save, 200);
};
addEventListener("pagehide", save);

// A form that is sent says everything itself; it waits for what is being saved, lest the older word come last.
document.addEventListener("submit", (event) => {
  unsaved = null;
  clearTimeout(timer);
  if (!saving) return;
  const { target, submitter } = event;
  event.preventDefault();
  saving.finally(() => target.requestSubmit(submitter));
});

document.addEventListener("change", (event) => {
  const input = event.target;
  const form = input.form;
  if (!form) return;
  if (input.dataset.submit) return press(form, input.dataset.submit);
  if (input.dataset.pick && input.value === "picked") return press(form, input.dataset.pick);
  if (input.name === "file") {
    const choice = form.querySelector('input[name="source"][value="file"]');
    if (choice) choice.checked = true;
  }
  if (input.dataset.all) boxes(input).forEach((box) => (box.checked = input.checked));
  form.querySelectorAll("[data-all]").forEach(settle);
  form.querySelectorAll("[data-needs]").forEach(awaitTick);
  if (input.id === "communications") {
    form.elements.comm_live.value = input.checked ? "1" : "";
    form.querySelectorAll('input[name="comm"]').forEach((box) => {
      if (!input.checked) box.dataset.was = box.checked ? "1" : "";
      box.checked = input.checked && box.dataset.was === "1";
      box.disabled = !input.checked;
    });
  }
  if ("autosave" in form.dataset) saveSoon(form);
});

// A look-up answers while one types; the newest question counts.
let asked = null;
document.addEventListener("input", (event) => {
  const { lookup } = event.target.dataset;
  if (!lookup) return;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(`${lookup}?q=${encodeURIComponent(event.target.value)}`, { signal: asked.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById("found");
      if (answer.ok && found) document.getElementById("found").replaceChildren(...found.childNodes);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }, 200);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
