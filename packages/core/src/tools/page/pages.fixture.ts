/** Pages as they are found on the web, small. */
export const article = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>How a lantern burns | The Harbour Paper</title>
<link rel="stylesheet" href="/style.css"><script>track("reader")</script></head>
<body>
<header><a href="/">The Harbour Paper</a><nav><ul><li><a href="/news">News</a></li><li><a href="/sea">Sea</a></li></ul></nav></header>
<div class="cookie-banner" role="dialog" aria-hidden="true">We use cookies. <button>Accept</button></div>
<article>
<h1>How a lantern burns</h1>
<p class="byline">By the night desk</p>
<p>A lantern is a small room for a flame. The glass keeps the wind away, and the vents above and below let the air go
through, so that the flame gets what it needs and no more than that.</p>
<h2>The wick</h2>
<p>The wick <em>draws</em> the oil up; a <strong>trimmed</strong> wick gives a flame without smoke. See
<a href="wicks.html?kind=flat&amp;width=2#trim">how to trim one</a>, and <a href="javascript:alert(1)">this</a>.</p>
<figure><img src="/img/lantern.jpg" alt="A brass lantern on a quay"><figcaption>On the quay, at four.</figcaption></figure>
<img src="https://tracker.example/pixel.gif?user=1" alt="" width="1" height="1">
<blockquote><p>Light is what is left when the oil is gone.</p></blockquote>
<ol><li>Fill it.</li><li>Light it.</li></ol>
</article>
<aside><h3>More of this</h3><p><a href="/a">Another</a></p></aside>
<footer><p>All rights and so on. <a href="/terms">Terms</a></p></footer>
</body></html>`;

export const manual = `<!doctype html>
<html><head><title>Configuration — Lantern 2.1</title></head>
<body>
<nav class="sidebar"><ul><li><a href="/install">Install</a></li><li><a href="/configure">Configure</a></li></ul></nav>
<main>
<h1>Configuration</h1>
<p>Lantern reads <code>lantern.toml</code> from the folder it is started in.</p>
<pre><code class="language-toml">[flame]
height = 2     # centimetres
note = "\`\`\`"
</code></pre>
<p>Then start it:</p>
<div class="highlight-source-shell"><pre>$ lantern serve --port 8080
<span class="c"># listening</span></pre></div>
<table>
<thead><tr><th>Setting</th><th>Default</th><th>Meaning</th></tr></thead>
<tbody>
<tr><td><code>height</code></td><td>2</td><td>Height of the flame, in <em>cm</em></td></tr>
<tr><td><code>mode</code></td><td><code>a|b</code></td><td>First line<br>second line</td></tr>
</tbody></table>
<p>Next: <a href="../run/">running it</a>.</p>
</main>
<footer>Made with a generator.</footer>
</body></html>`;

export const forum = `<!doctype html>
<html><head><title>My lantern smokes - Lamp Forum</title></head>
<body>
<div id="top"><a href="/login">Log in</a></div>
<div class="thread">
<h1>My lantern smokes</h1>
<div class="post" id="p1"><div class="author"><a href="/u/wick">wick</a></div><div class="body"><p>It smokes as soon as I turn it up. What can I do?</p></div></div>
<div class="post" id="p2"><div class="author"><a href="/u/glass">glass</a></div><div class="body"><p>Trim the wick. Straight across, with sharp scissors, and let it soak for ten minutes before you light it, or it burns itself instead of the oil.</p></div></div>
<div class="post" id="p3"><div class="author"><a href="/u/oil">oil</a></div><div class="body"><p>And use clean oil: <code>lamp-oil --grade 1</code>.</p></div></div>
<div class="post" id="p4"><div class="author"><a href="/u/wick">wick</a></div><div class="body"><p>It was the wick. Thank you!</p></div></div>
</div>
</body></html>`;

export const plain = `<title>Tides</title><h2>Tides of the week</h2>
High water at <b>04:10</b>.<br>Low water at <b>10:20</b>.
<p>Spring tide on Sunday.
<p>See <a href="/next">next week</a>`;

/** "PAYLOAD" stands wherever a person does not see it. */
export const hiding = `<!doctype html>
<html><head><title>Oil prices\u200b\u{e0050}\u{e0041}\u{e0059}</title>
<meta name="description" content="PAYLOAD in the description">
<style>
/* .seen { display: none } */
.gone { display: none } #away { position: absolute; left: -9999px }
.narrow { display: none } @media (min-width: 800px) { .narrow { display: block } }
@media print { .seen { display: none } }
</style></head>
<body bgcolor="#ffffff">
<!-- PAYLOAD in a comment -->
<h1>Oil prices</h1>
<p class="seen">A barrel of lamp oil costs <b>12</b> today, and it cost <b>11</b> a week ago.</p>
<p class="narrow">Prices without tax.</p>
<p style="display:none">PAYLOAD display</p>
<p style="visibility: hidden">PAYLOAD visibility</p>
<p style="opacity:0">PAYLOAD opacity</p>
<p style="font-size:0">PAYLOAD size</p>
<p style="font-size:1px">PAYLOAD one pixel</p>
<p style="position:absolute; left:-10000px">PAYLOAD far away</p>
<p style="text-indent:-9999px">PAYLOAD indented</p>
<p style="color:#fff">PAYLOAD white on white</p>
<p style="color: rgb(255, 255, 255); background: WHITE">PAYLOAD white on named white</p>
<div style="background-color:#000"><p style="color:black">PAYLOAD black on black</p><p style="color:white">White on black is read.</p></div>
<p style="color:transparent">PAYLOAD transparent</p>
<p style="width:1px;height:1px;overflow:hidden">PAYLOAD clipped</p>
<p style="clip:rect(0,0,0,0)">PAYLOAD clip</p>
<p class="note gone">PAYLOAD by class</p>
<p id="away">PAYLOAD by id</p>
<p hidden>PAYLOAD hidden</p>
<p aria-hidden="true">PAYLOAD for nobody</p>
<template><p>PAYLOAD template</p></template>
<noscript>PAYLOAD noscript</noscript>
<iframe srcdoc="PAYLOAD">PAYLOAD frame</iframe>
<svg><text>PAYLOAD drawing</text></svg>
<textarea>PAYLOAD form</textarea><input value="PAYLOAD"><button title="PAYLOAD">PAYLOAD button</button>
<script type="text/plain">PAYLOAD script</script>
<object data="x">PAYLOAD object</object>
<p title="PAYLOAD in a title" data-note="PAYLOAD">Next price on Monday.\u{e0050}\u{e0041}\u{e0059}\u202e</p>
</body></html>`;
