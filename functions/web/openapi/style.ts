/** The style sheet of the page: quiet, in both schemes, and on a phone. */
export const STYLE = `
:root { color-scheme: light dark; --text: light-dark(#1f2328, #e6e4df); --quiet: light-dark(#5b6068, #a3a19b);
  --ground: light-dark(#f7f5f1, #1b1a18); --panel: light-dark(#fff, #242321); --line: light-dark(#dedad2, #3b3936);
  --accent: light-dark(#1f5fbf, #8ab4f8); }
* { box-sizing: border-box; }
body { font: 15px/1.55 system-ui, sans-serif; color: var(--text); background: var(--ground); margin: 0; }
.page { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; display: grid; gap: 2rem; grid-template-columns: 15rem minmax(0, 1fr); }
nav { position: sticky; top: 1.5rem; align-self: start; max-height: calc(100vh - 3rem); overflow: auto; font-size: 14px; }
nav h2 { font-size: 13px; color: var(--quiet); margin: 1rem 0 .25rem; } nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: .3rem 0; min-height: 32px; color: inherit; text-decoration: none; } nav a:hover { text-decoration: underline; }
a { color: var(--accent); } :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } main > h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .5rem; } h4 { font-size: 13px; color: var(--quiet); margin: 1rem 0 .25rem; }
p { margin: .25rem 0 .75rem; } .quiet { color: var(--quiet); }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.1rem; margin: .75rem 0; }
pre, code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--ground); border-radius: 8px; padding: .6rem .75rem; margin: .25rem 0; }
.path { overflow-wrap: anywhere; } .method { font-weight: 700; margin-right: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: 14px; } th { text-align: left; color: var(--quiet); font-weight: 500; }
td, th { padding: .35rem .75rem .35rem 0; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; } td:nth-child(2) { min-width: 7rem; } tr:first-child > th { border-top: 0; } summary { cursor: pointer; min-height: 32px; padding: .3rem 0; color: var(--accent); }
@media (max-width: 48rem) { .page { grid-template-columns: minmax(0, 1fr); } nav { position: static; max-height: none; }
  td:first-child { white-space: normal; } thead { display: none; } tr, td { display: block; border: 0; padding: 0; } tr { border-top: 1px solid var(--line); padding: .5rem 0; } }
`;
