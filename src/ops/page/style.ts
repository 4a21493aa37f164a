/** The status page's style: a phone's width and a wall's, the system's fonts, no variable that an old browser lacks. */
export const STYLE = `
* { box-sizing: border-box; }
[hidden] { display: none; }
body {
  margin: 0; color: #1c2530; background: #f2f4f7;
  font: 15px/1.5 system-ui, "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", sans-serif;
}
header { padding: 10px 16px; color: #fff; background: #566372; overflow: hidden; }
header.ok { background: #0d6b3c; }
header.degraded { background: #a35a00; }
header.lost { background: #a3211b; }
header a { color: #fff; float: right; }
header strong { font-size: 20px; margin-right: 8px; }
#lost { margin: 0; padding: 12px 16px; color: #fff; background: #a3211b; font-size: 17px; font-weight: 600; }
#lost small { display: block; font-weight: 400; }
main { max-width: 960px; margin: 0 auto; padding: 12px; }
.stale { opacity: .45; }
section { background: #fff; border: 1px solid #dfe4ea; border-radius: 10px; padding: 10px 14px; margin: 0 0 12px; }
h2 { font-size: 14px; margin: 0 0 6px; color: #566372; }
h3 { font-size: 15px; margin: 8px 0 2px; }
h3 small { font-weight: 400; }
p { margin: 4px 0; overflow-wrap: break-word; word-wrap: break-word; word-break: break-word; }
small, .quiet { color: #566372; }
.fault { border-left: 4px solid #a3211b; padding: 2px 0 2px 10px; margin: 8px 0; }
.fault b, .bad { color: #a3211b; }
.good { color: #0d6b3c; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 3px 10px 3px 0; border-top: 1px solid #eef1f4; vertical-align: top; }
th { color: #566372; font-weight: 400; border-top: 0; white-space: nowrap; }
`;
