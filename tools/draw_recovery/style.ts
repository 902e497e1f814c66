/** The drawings' style sheet: readable on light and dark pages, and without colours by the words and signs. */
export const STYLE = `
svg{--page:#fff;--edge:#d0d7de;--ink:#1f2328;--quiet:#59636e;--yes:#1a7f37;--no:#cf222e;--risk:#8a5a00;--unknown:#6e7781;
--found:#dbeedd;--lost:#ffdcd8;--upl:#fff0c2;--sign:#fff}
@media (prefers-color-scheme:dark){svg{--page:#0d1117;--edge:#3d444d;--ink:#f0f6fc;--quiet:#9198a1;--yes:#3fb950;--no:#ff7b72;
--risk:#e3b341;--unknown:#9198a1;--found:#12351d;--lost:#55201d;--upl:#463609;--sign:#0d1117}}
.page{fill:var(--page);stroke:var(--edge)}
text{font:12px -apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--ink)}
.middle{text-anchor:middle}
.small{font-size:11px}
.digits{font-family:ui-monospace,Menlo,"DejaVu Sans Mono",monospace}
.summary{font-size:13px}
.quiet{fill:var(--quiet)}
.cell{stroke-width:1}
.found{fill:var(--found);stroke:var(--yes)}
.missing_lost,.cell.missing{fill:var(--lost);stroke:var(--no)}
.partly_found{fill:var(--upl);stroke:var(--risk)}
.missing_uploading{fill:var(--upl);stroke:var(--risk)}
.outside{fill:none;stroke:var(--unknown);stroke-dasharray:4 3}
.missing_lost-text,.missing-text,.no-text{fill:var(--no)}
.missing_uploading-text,.partly_found-text,.risk-text{fill:var(--risk)}
.outside-text{fill:var(--quiet)}
.yes-text{fill:var(--yes)}
.yes{fill:var(--yes)}
.no{fill:var(--no)}
.unknown{fill:var(--unknown)}
.sign{fill:var(--sign);font-weight:700}
.arc{fill:none;stroke:var(--quiet);stroke-width:1.2}
.arc.missing{stroke:var(--no);stroke-dasharray:4 3}
.switch{stroke:var(--ink);stroke-width:1.5}
.bar{fill:none;stroke-width:2}
.yes-line{stroke:var(--yes)}
.no-line{stroke:var(--no)}
.risk-line{stroke:var(--risk)}
`;
