/** How the page looks: by day, by night and on A4. Its hash is in the page's policy. */

const day = `
--paper:#fff;--ink:#16191d;--faint:#59616c;--line:#dfe3e8;--card:#f5f7f9;
--good:#0b6b3a;--good-card:#eaf6ef;--bad:#b0201a;--bad-card:#fdeeec;
--band:rgba(176,64,20,.11);--band-edge:#b04014;--mark:#16191d;--hatch:rgba(255,255,255,.55);
--r0:#2563c9;--r1:#d98a00;--r2:#0c8a78;--r3:#8a4fd0;--r4:#c23b73;--r5:#6b7280;
--l0:#1d4fa3;--l1:#8f5b00;--l2:#07655a;--l3:#6b35ac;--l4:#9d2a5a;--l5:#4b5260;`

const night = `
--paper:#14171b;--ink:#e8eaed;--faint:#a2aab5;--line:#30363e;--card:#1c2127;
--good:#63d394;--good-card:#142a1f;--bad:#ff8f85;--bad-card:#331a19;
--band:rgba(255,150,90,.15);--band-edge:#ff9a63;--mark:#fff;--hatch:rgba(0,0,0,.42);
--r0:#5b93f0;--r1:#e5a530;--r2:#2fb5a0;--r3:#b185ee;--r4:#e8709f;--r5:#98a1ad;
--l0:#8ab4ff;--l1:#f0bd5c;--l2:#5fd6c4;--l3:#caa8f7;--l4:#f59abd;--l5:#b9c0ca;`

const text = `
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:1080px;padding:40px 28px 64px;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;
font-variant-numeric:tabular-nums}
h1,h2,h3,h4,p,ul,dl,figure{margin:0}
h1{font-size:32px;line-height:1.2;letter-spacing:-.015em;text-wrap:balance;max-width:26em}
h2{font-size:21px;letter-spacing:-.01em;margin:52px 0 14px}
h3{font-size:16px}
h4{font-size:14px;font-weight:600;display:flex;align-items:center;gap:8px;margin-top:14px}
section>p{margin-bottom:12px;max-width:46em;color:var(--faint)}
code,pre{font:13px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.faint{color:var(--faint)}
.eyebrow{color:var(--faint);font-size:13px;font-weight:600;letter-spacing:.06em;text-transform:uppercase;margin-bottom:10px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}`

const parts = `
.verdict{margin:24px 0;padding:22px 26px;border-radius:10px;border:1px solid;border-left-width:6px}
.verdict.good{background:var(--good-card);border-color:var(--good)}
.verdict.bad{background:var(--bad-card);border-color:var(--bad)}
.verdict .stamp .badge{font-size:15px;letter-spacing:.04em;text-transform:uppercase;font-weight:700}
.verdict .words{font-size:22px;line-height:1.4;font-weight:600;margin:6px 0 10px;text-wrap:pretty}
.verdict .holds{font-size:15px}
.badge{white-space:nowrap;font-weight:600}
.badge.good{color:var(--good)}.badge.bad{color:var(--bad)}.badge.none{color:var(--faint);font-weight:400}
.meta{display:flex;flex-wrap:wrap;gap:8px 32px;font-size:14px}
.meta dt{color:var(--faint);font-size:12px}
.meta dd{margin:0}
.failures{margin-top:32px}.failures h2{color:var(--bad);margin-top:0}
.failures ul{padding-left:22px}.failures li{margin:4px 0;overflow-wrap:anywhere}
.tiles{list-style:none;padding:0;margin-top:32px;display:grid;grid-template-columns:repeat(3,1fr);gap:12px}
.tiles li{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 18px}
.tiles strong{display:block;font-size:27px;line-height:1.2;letter-spacing:-.015em;font-weight:650}
.tiles span{color:var(--faint);font-size:14px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:8px 14px 8px 0;border-bottom:1px solid var(--line);font-weight:400;overflow-wrap:break-word}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--faint);font-size:12.5px;font-weight:600;border-bottom-color:var(--faint);vertical-align:bottom}
.number{text-align:right}
td,th{white-space:nowrap}
td.wide,th.wide{width:100%;min-width:15em;white-space:normal;overflow-wrap:anywhere}
.columns{display:grid;grid-template-columns:1fr 1fr;gap:32px;align-items:start}
pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 16px;overflow-x:auto;margin:8px 0 20px}
.story pre{white-space:pre-wrap;overflow-wrap:anywhere}
details{margin-top:6px;font-size:14px}
summary{color:var(--faint);cursor:pointer;width:max-content;max-width:100%}
:focus-visible{outline:2px solid var(--r0);outline-offset:2px;border-radius:3px}`

const pictures = `
figure{margin-top:26px}
figcaption{display:flex;flex-wrap:wrap;gap:2px 20px;align-items:baseline;margin-bottom:4px}
figcaption p{flex-basis:100%;text-wrap:pretty;color:var(--faint);font-size:14px}
.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:2px 18px;font-size:14px}
.legend li{display:flex;align-items:center;gap:7px}
svg{display:block;width:100%;min-width:720px;height:auto;overflow:visible}
svg.swatch{width:22px;min-width:0;height:14px;flex:none}
svg.patterns{position:absolute;width:0;min-width:0}
svg text{font-size:12.5px;fill:var(--ink);font-family:inherit}
svg .tick{fill:var(--faint)}
.grid{stroke:var(--line);stroke-width:1}
.base{stroke:var(--faint);stroke-width:1}
.area{stroke:none}
.hatch{fill:var(--hatch);stroke:var(--hatch);stroke-width:1.4}
.spread{opacity:.2}
${[0, 1, 2, 3, 4, 5].map((each) => `.r${each}{fill:var(--r${each})}.l${each}{stroke:var(--l${each})}`).join('')}
.p99,.p50{fill:none;stroke-linejoin:round;stroke-linecap:round}
.p99{stroke-width:1.8}.p50{stroke-width:1.4;stroke-dasharray:3 3.5}
.band{fill:var(--band)}
.band-edge{stroke:var(--band-edge);stroke-width:1;stroke-dasharray:2 3;fill:none;opacity:.75}
svg .band-label{fill:var(--band-edge);font-weight:700;font-size:12px}
.fault-bar{fill:var(--band);stroke:var(--band-edge);stroke-width:1.2}
svg .number{font-weight:700;fill:var(--band-edge)}
.mark{stroke:var(--mark);stroke-width:1.4}
.mark.crowded{opacity:.4}
.mark-head{fill:var(--mark)}
svg .mark-label{font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}`

const narrow = `
@media (max-width:720px){
body{padding:24px 16px 48px}h1{font-size:25px}.verdict{padding:16px 18px}.verdict .words{font-size:19px}
.tiles{grid-template-columns:1fr 1fr}.columns{grid-template-columns:1fr}}`

const paper = `
@page{size:A4;margin:14mm 13mm}
@media print{
body{max-width:none;padding:0;font-size:10.5pt}
h1{font-size:18pt;max-width:none}header .verdict{margin:12pt 0;padding:10pt 14pt}.meta{gap:4px 22px}h2{font-size:14pt;margin:16pt 0 6pt}figure{margin-top:10pt}.verdict .words{font-size:13.5pt;margin:3pt 0 5pt}.verdict .holds{font-size:10pt}
.tiles{margin-top:12pt;gap:8px}.tiles strong{font-size:16pt}.tiles li{padding:6px 12px}.tiles span{line-height:1.3;display:block}
table,.legend,figcaption p,.tiles span{font-size:9pt}thead th{font-size:8.5pt}th,td{padding:4px 10px 4px 0}
svg{min-width:0}svg text{font-size:14px}td.wide,th.wide{min-width:0}
details{display:none}.scroll{overflow:visible}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
h2,h3,h4,figcaption{break-after:avoid}
figure,.one,.tiles li,.verdict,tr,.story,.failures{break-inside:avoid}
figure.long{break-inside:auto}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`

export const styles = `:root{${day}}
@media screen and (prefers-color-scheme:dark){:root{${night}}}
${[text, parts, pictures, narrow, paper].join('\n')}
`
