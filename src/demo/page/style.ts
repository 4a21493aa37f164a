/** The page's one style sheet: a phone's width, the system's fonts, nothing fetched from elsewhere. */
export const STYLE = `:root {
  color-scheme: light;
  --ink: #1c2530;
  --quiet: #566372;
  --line: #dfe4ea;
  --ground: #f2f4f7;
  --blue: #0b57c2;
  --good: #0d6b3c;
  --bad: #a3211b;
}
* { box-sizing: border-box; }
body {
  margin: 0; color: var(--ink); background: var(--ground);
  font: 16px/1.5 system-ui, "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", sans-serif;
}
header { padding: 12px 16px; color: #fff; background: var(--blue); }
header a { color: #fff; font-weight: 600; text-decoration: none; margin-right: 8px; }
main { max-width: 480px; margin: 0 auto; padding: 16px; }
h1 { font-size: 20px; margin: 4px 0 16px; }
h2 { font-size: 15px; margin: 0 0 10px; color: var(--quiet); }
small { color: var(--quiet); }
header small { color: #dce8fb; }
.card { background: #fff; border: 1px solid var(--line); border-radius: 12px; padding: 16px; margin: 0 0 14px; }
.plate {
  display: inline-block; padding: 1px 10px; border-radius: 6px; color: #fff; background: #1747a6;
  font-weight: 600; letter-spacing: 1px; border: 2px solid #fff; outline: 1px solid #1747a6; white-space: nowrap;
  max-width: 100%; overflow: hidden; text-overflow: ellipsis;
}
.plate-entry { display: flex; gap: 10px; }
.plate-entry .wide { flex: 1; min-width: 0; }
label { display: block; margin: 0 0 12px; color: var(--quiet); font-size: 14px; }
input:not([type]), select {
  display: block; width: 100%; min-height: 46px; margin-top: 4px; padding: 8px 12px; font: inherit; font-size: 18px;
  color: var(--ink); background: #fff; border: 1px solid #98a4b1; border-radius: 8px;
}
.choice { display: flex; align-items: center; gap: 10px; min-height: 44px; margin: 0; color: var(--ink); font-size: 16px; }
.choice input { width: 20px; height: 20px; }
fieldset { border: 0; padding: 0; margin: 0 0 8px; }
legend { padding: 0; color: var(--quiet); font-size: 15px; }
button, .button {
  display: block; width: 100%; min-height: 48px; margin-top: 8px; padding: 10px; border: 0; border-radius: 10px;
  font: inherit; font-size: 17px; font-weight: 600; line-height: 28px; text-align: center; text-decoration: none;
  color: #fff; background: var(--blue); cursor: pointer;
}
button.quiet { color: var(--blue); background: #fff; border: 1px solid var(--blue); }
:focus-visible { outline: 3px solid #f0a500; outline-offset: 2px; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; margin: 0; padding: 0; list-style: none; }
.chips a {
  display: flex; align-items: center; gap: 8px; min-height: 44px; padding: 6px 12px; border: 1px solid var(--line);
  border-radius: 10px; color: var(--ink); text-decoration: none; background: #fff;
}
.chips a[aria-current] { border-color: var(--blue); background: #e8f0fd; font-weight: 600; }
dl { margin: 0; }
dl div { display: flex; justify-content: space-between; gap: 12px; padding: 4px 0; }
dt { color: var(--quiet); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
.due { border-top: 1px solid var(--line); margin-top: 6px; padding-top: 10px; }
.due strong { font-size: 26px; line-height: 1.2; }
details { margin-top: 10px; font-size: 14px; }
summary { min-height: 32px; color: var(--blue); cursor: pointer; }
.lines { margin: 0; padding: 0; list-style: none; }
.lines li { display: flex; justify-content: space-between; gap: 12px; padding: 3px 0; }
pre { margin: 6px 0; padding: 10px; overflow: auto; font-size: 12px; background: var(--ground); border-radius: 8px; }
.done { color: var(--good); font-weight: 600; }
.problem { color: var(--bad); font-weight: 600; overflow-wrap: anywhere; }
`;
