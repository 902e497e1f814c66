/** The style of the drawing and of its legend. */
export const TIMELINE_STYLE = `
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
.axis,.tick line,.cut line{stroke:var(--quiet);stroke-width:1}
.cut line{stroke-dasharray:2 4}
.timeline text{fill:var(--quiet);font-size:12px;text-anchor:middle}
.timeline .start text{text-anchor:start}
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
.key.window{background:var(--shade);border-top:3px solid var(--ok)}
@media (max-width:860px){.wide-tick{display:none}}
@media (max-width:640px){.dense rect{x:-2px;width:4px}.dense circle{r:2.5px}.dense .cross{display:none}}
@media (forced-colors:active){.mark,.timeline{forced-color-adjust:none}}
`;
