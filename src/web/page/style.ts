/** The style of the drawing and of its legend. */
const TIMELINE_STYLE = `
figure{margin:0}
.timeline{display:block;overflow:visible}
.timeline svg{overflow:visible}
.window{fill:var(--shade)}
.window-edge{fill:var(--ok)}
.window-stripes,.edge-stripes,.wal-stripes{fill:none;stroke-dasharray:3 5;stroke-dashoffset:6}
.window-stripes{stroke:var(--shade)}
.edge-stripes{stroke:var(--ok)}
.wal-stripes{stroke:var(--wal)}
.arc{fill:none;stroke:var(--delta);stroke-width:1.4;opacity:.75;vector-effect:non-scaling-stroke}
.wal{fill:var(--wal)}
.hole rect{fill:var(--card);stroke:var(--hole);stroke-width:1.5}
.pointer path{fill:var(--hole)}
.waiting rect{fill:var(--waiting)}
.switch rect{fill:var(--text)}
.unsure>rect{fill:none;stroke:var(--quiet);stroke-width:1.5;stroke-dasharray:3 2}
.arc.mixed{stroke:var(--hole);stroke-width:1.8;stroke-dasharray:4 3;opacity:1}
.lane rect{fill:var(--branch)}
.stem{stroke:var(--branch);stroke-width:2}
.reach line{stroke:var(--ok);stroke-width:1.5}
.reach path{fill:var(--ok)}
.timeline .reach text{fill:var(--ok);font-weight:600}
.axis,.tick line,.cut line{stroke:var(--quiet);stroke-width:1}
.cut line{stroke-dasharray:2 4}
.timeline text{fill:var(--quiet);font-size:12px;text-anchor:middle}
.timeline .start text,.timeline text.start{text-anchor:start}
.timeline .end text{text-anchor:end}
.cut text{fill:var(--text);font-weight:600}
.timeline .below{font-size:11.5px}
.mark rect{fill:var(--full)}
.mark circle{fill:var(--delta)}
.mark rect,.mark circle{stroke:var(--card);stroke-width:1.5}
.mark.bad rect,.mark.bad circle{fill:var(--card);stroke:var(--hole);stroke-width:1.8}
.mark.unsure rect,.mark.unsure circle{fill:var(--card);stroke:var(--quiet);stroke-width:1.8;stroke-dasharray:3 2}
.cross{stroke:var(--hole);stroke-width:1.8}
.timeline .mark text{fill:var(--text);font-size:11px;font-weight:600}
.small rect{x:-4.5px;y:-4.5px;width:9px;height:9px}
.small circle{r:4.5px}
.dense rect{x:-4px;y:-4px;width:8px;height:8px}
.dense circle{r:4px}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;margin:6px 0 6px;padding:0;list-style:none;font-size:13px}
.legend li{display:flex;align-items:center;gap:8px}
figcaption p{margin:0}
.key{display:inline-block;flex:none;width:11px;height:11px}
.key.full{background:var(--full);border-radius:2px}
.key.delta{background:var(--delta);border-radius:50%}
.key.bad{border:2px solid var(--hole);border-radius:2px}
.key.unsure{border:2px dashed var(--quiet);border-radius:2px}
.key.wal,.key.hole,.key.waiting,.key.window{width:20px}
.key.wal{background:var(--wal)}
.key.hole{border:1.5px solid var(--hole)}
.key.waiting{background:var(--waiting)}
.key.striped{width:20px;background:repeating-linear-gradient(90deg,var(--wal) 0 3px,transparent 3px 8px)}
.key.unlisted{width:20px;border:1.5px dashed var(--quiet)}
.key.mixed{width:20px;height:0;border-top:2px dashed var(--hole)}
.key.branch{width:20px;height:6px;background:var(--branch)}
.key.reach{width:0;height:14px;border-left:2px solid var(--ok)}
.key.switch{width:2px;height:14px;background:var(--text)}
.key.count{height:auto;font-weight:600;font-size:11px}.key.count::before{content:"2"}
.key.window{background:var(--shade);border-top:3px solid var(--ok)}
@media (max-width:860px){.wide-tick{display:none}}
@media (max-width:640px){.dense rect{x:-2px;width:4px}.dense circle{r:2.5px}.dense .cross{display:none}}
@media (forced-colors:active){.mark,.timeline{forced-color-adjust:none}}
`;

const PAGE = `
:root{color-scheme:light dark;--bg:#f6f7f8;--card:#fff;--text:#1b1f24;--quiet:#59616b;--line:#dfe3e8;--link:#1c5aa8;
--ok:#17693b;--ok-bg:#e9f5ee;--warning:#7d5200;--warning-bg:#fdf3dc;--critical:#ad1f1a;--critical-bg:#fdecea;
--unknown:#4b535d;--unknown-bg:#eceff2;--full:#1f4f8f;--delta:#4d82c4;--wal:#8fb3d9;--hole:#d3372f;--waiting:#d99a1c;--branch:#9a86c4;--shade:#17693b14}
@media (prefers-color-scheme:dark){:root{--bg:#111418;--card:#191d22;--text:#e6e9ec;--quiet:#a2abb5;--line:#2c323a;--link:#8ab8f0;
--ok:#74cd97;--ok-bg:#14281d;--warning:#eabc5e;--warning-bg:#2d2411;--critical:#ff948b;--critical-bg:#341a18;
--unknown:#b9c1ca;--unknown-bg:#22272e;--full:#9cc4f5;--delta:#5c93d6;--wal:#35587f;--hole:#ff6f64;--waiting:#d9a13a;--branch:#7d6bb0;--shade:#74cd971f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
font-variant-numeric:tabular-nums}
header,main,footer{max-width:1360px;margin:0 auto;padding:0 24px}
header{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:4px 24px;padding-top:18px;padding-bottom:14px}
.brand p{margin:0;overflow-wrap:anywhere}.brand strong{font-size:17px;font-weight:600}
.place{display:flex;flex-wrap:wrap;gap:0 14px}
nav{display:flex;flex-wrap:wrap;gap:4px 18px}
a{color:var(--link);text-underline-offset:3px;text-decoration-thickness:1px}
nav a{text-decoration:none}
a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:3px}
.skip{position:absolute;left:-9999px}
.skip:focus{left:24px;top:6px;background:var(--card);padding:6px 10px;z-index:1}
h1{margin:0;font-size:22px;line-height:1.35;font-weight:600;letter-spacing:-.005em;overflow-wrap:anywhere;text-wrap:pretty}
h2{margin:0 0 10px;font-size:16px;font-weight:600}
section[id]{scroll-margin-top:12px}
main>section:not(.verdict){margin-top:20px;padding:18px 20px 20px;background:var(--card);border:1px solid var(--line);border-radius:10px}
code,pre{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
.quiet{color:var(--quiet);font-size:13px}
.none,.rest{margin:4px 0 0;color:var(--quiet)}
.verdict{padding:18px 22px 20px;border:1px solid;border-left-width:6px;border-radius:10px}
.verdict.ok{background:var(--ok-bg);border-color:var(--ok)}
.verdict.warning{background:var(--warning-bg);border-color:var(--warning)}
.verdict.critical{background:var(--critical-bg);border-color:var(--critical)}
.verdict.unknown{background:var(--unknown-bg);border-color:var(--unknown)}
.word{margin:0 0 4px;font-size:13px;font-weight:700;letter-spacing:.06em;text-transform:uppercase}
.ok .word{color:var(--ok)}.warning .word{color:var(--warning)}.critical .word{color:var(--critical)}.unknown .word{color:var(--unknown)}
.cause,.effect,.advice{margin:8px 0 0}
.problems p{margin:2px 0 0}
.problems{overflow-wrap:anywhere;margin:14px 0 0;padding:0;list-style:none;display:grid;gap:8px}
.cause code{display:block;margin-top:2px}.advice code{font-size:13.5px}
.tag{display:inline-block;min-width:64px;font-size:13px;font-weight:600}
.tag.critical{color:var(--critical)}.tag.warning{color:var(--warning)}.tag.unknown{color:var(--unknown)}
.recoverable{margin:14px 0 0;padding-top:12px;border-top:1px solid var(--line);font-weight:500;overflow-wrap:anywhere}
.facts{display:flex;flex-wrap:wrap;gap:1px;margin:20px 0 0;background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden}
.facts div{flex:1 0 280px;padding:14px 18px 16px;box-shadow:0 0 0 1px var(--line)}
dt{color:var(--quiet);font-size:13px}
dd{margin:0}
.value{font-size:21px;line-height:1.4;font-weight:600;letter-spacing:-.01em}
.value.critical{color:var(--critical)}.value.warning{color:var(--warning)}
table{width:100%;border-collapse:collapse}
caption{padding-bottom:8px;text-align:left;color:var(--quiet);font-size:13px}
th,td{padding:8px 18px 8px 0;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{padding-top:0;border-top:0;color:var(--quiet);font-size:13px;font-weight:500;white-space:nowrap}
tbody th{font-weight:500}
.number{text-align:right;white-space:nowrap}
td.time,.figure{white-space:nowrap}
td .quiet,th .quiet{display:block;font-weight:400}
.parent code{font-size:11.5px}
.cards tbody th{min-width:246px}
.overview tbody th{min-width:130px;max-width:250px;overflow-wrap:anywhere}
.ranges code{white-space:nowrap}
.to{color:var(--quiet);font-size:13px}
.storage{min-width:76px;overflow-wrap:anywhere}
.state{white-space:nowrap}
.state::before{content:"";display:inline-block;width:8px;height:8px;margin-right:7px;border-radius:50%;border:1.5px solid currentColor}
.good::before{background:currentColor}
.aside::before{background:linear-gradient(90deg,currentColor 50%,transparent 50%)}
.state.aside{color:var(--warning)}
.segment,.name{font-weight:400;white-space:nowrap}h1 .segment,h1 .name{font-size:14px}
@media (min-width:1141px){.cards th,.cards td{padding-right:14px}.cards:not(.archive,.operations,.overview) tbody th{width:438px}.overview td:not(.reason){white-space:nowrap}.archive{width:auto}.archive th,.archive td{padding-right:44px}}
.hex{color:var(--quiet);font-size:13px;font-weight:400}
.state.good{color:var(--ok)}.state.bad{color:var(--critical);font-weight:600}.state.unsure{color:var(--unknown)}
.state.bad::before{border-radius:1px;background:currentColor}
.reason{overflow-wrap:anywhere;min-width:150px}
.operations .error td{border-top:0;padding:2px 0 14px 14px}
.error p{margin:0 0 4px}
.error td{border-left:3px solid var(--critical);padding-left:14px}
.error.past td{border-left-color:var(--line)}
.error .quiet{display:inline}
summary{cursor:pointer;color:var(--link);font-size:13px;width:fit-content}
pre{margin:6px 0 0;padding:10px 12px;max-height:280px;overflow:auto;background:var(--bg);border-radius:6px;white-space:pre-wrap}
.pair{display:flex;flex-wrap:wrap;gap:14px 72px;align-items:flex-start}
.pair>div{max-width:100%}
.ranges{width:auto}
.ranges caption{color:var(--text);font-size:14px;font-weight:500;padding-top:10px}
.ranges caption .quiet{font-weight:400}
.pairs{display:grid;gap:8px;margin:0}
.pairs div{display:grid;grid-template-columns:130px 1fr;gap:12px}
.pairs dt{font-size:14px}
.links{display:flex;flex-wrap:wrap;gap:2px 18px}
footer{padding-top:14px;padding-bottom:32px;color:var(--quiet);font-size:13px}
footer p{margin:0}
@media (max-width:1300px){.facts{display:grid;grid-template-columns:repeat(3,1fr)}}
@media (max-width:720px){.facts{grid-template-columns:repeat(2,1fr)}.facts div:first-child,.facts div:last-child:nth-child(even){grid-column:1/-1}}
@media (max-width:1140px){
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards,.cards tbody,.cards tr,.cards th,.cards td,.cards caption{display:block}
.cards tr{display:grid;grid-template-columns:repeat(auto-fill,minmax(100px,1fr));gap:8px 14px;padding:14px 0;border-top:1px solid var(--line)}
.cards th,.cards td{padding:0;border:0;text-align:left}
.cards tbody th,.cards .wide,.cards .error td{grid-column:1/-1}
.cards td[data-label]::before{content:attr(data-label);display:block;color:var(--quiet);font-size:12px}
.cards tr.error{display:block;border-top:0;padding:0 0 14px}
.cards .error td{border-left:3px solid var(--critical);padding:0 0 0 12px}
.cards .error.past td{border-left-color:var(--line)}
.cards td.time{grid-column:span 2}
.cards .number{justify-self:start}
.cards tbody th{min-width:0}
}
@media (max-width:560px){
body{font-size:15px}
header,main,footer{padding-left:14px;padding-right:14px}
main>section:not(.verdict){padding:14px 14px 16px}
.verdict{padding:14px 16px 16px}
h1{font-size:clamp(14px,4.55vw,19px)}
.facts div{padding:11px 14px 13px}
.value{font-size:18px}
.ranges th,.ranges td{padding-right:10px;font-size:13px}
.ranges th:last-child,.ranges td:last-child{padding-right:0}
.ranges code{font-size:12px}
.ranges .to{display:none}
.ranges .state{white-space:normal;display:flex;align-items:baseline}
.ranges .state::before{flex:none}
nav{gap:4px 13px;font-size:14px}
.ranges td:first-child code{display:block}
.pairs div{grid-template-columns:1fr;gap:0}
}
@media (max-width:370px){.ranges thead th,.ranges code{white-space:normal}.ranges code{font-size:11px}.ranges th,.ranges td{padding-right:8px}}
@media (forced-colors:active){.key,.state::before,.verdict{forced-color-adjust:none}.verdict{color:var(--text)}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
form{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,225px),1fr));gap:12px 18px;align-items:end}
label{display:block;color:var(--quiet);font-size:13px}
input,select,button{display:block;width:100%;min-height:40px;margin-top:4px;padding:7px 10px;font:inherit;color:var(--text);background:var(--bg);border:1px solid var(--quiet);border-radius:6px}
button{font-weight:600;color:var(--card);background:var(--link);border-color:var(--link);cursor:pointer}
.notes{margin:14px 0 0;padding-left:20px;overflow-wrap:anywhere}
.pairs dd{min-width:0;overflow-wrap:anywhere}
.nearest{margin:10px 0 0}
.steps{margin:0;padding-left:24px;display:grid;gap:16px}
.steps p{margin:0;max-width:90ch}
.steps pre,.script{max-height:none;user-select:all;-webkit-user-select:all}
@media (max-width:720px){input,select,button{font-size:16px}}
@media print{body{background:#fff;color:#000}nav,form,.skip,.ask{display:none}main>section:not(.verdict){border:0;padding:12px 0}.steps li{break-inside:avoid}pre{border:1px solid #999;background:#fff}}
`;

/** The page's whole style, on as few lines as may be: the policy names its hash. */
export const STYLE: string = (PAGE + TIMELINE_STYLE).trim().replace(/\n/g, "");

/**
 * What the page may do: nothing is loaded from anywhere, nothing runs, and only this style applies.
 *
 * @param style the text of the style element
 * @param formAction where its forms may be sent to, as the policy writes it
 */
export async function contentPolicy(style: string, formAction: "'none'" | "'self'"): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style)));
  return [
    "default-src 'none'",
    `style-src 'sha256-${hash.toBase64()}'`,
    "img-src data:",
    "base-uri 'none'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
  ].join("; ");
}
