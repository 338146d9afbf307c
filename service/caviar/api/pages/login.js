// The code stands behind #, which browsers send to nobody; it leaves the address bar before it is used.
const code = decodeURIComponent(location.hash.slice(1));
const state = document.getElementById("state");

async function open() {
  history.replaceState(null, "", location.pathname);
  state.textContent = "Opening …";
  const answer = await fetch("/login", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Caviar-Csrf": "1" },
    body: JSON.stringify({ code }),
  });
  if (answer.ok) {
    location.replace("/dashboard/");
    return;
  }
  const problem = await answer.json().catch(() => ({}));
  state.textContent = problem.detail ?? "The service does not answer.";
}

if (code) {
  open().catch(() => { state.textContent = "The service does not answer."; });
}
