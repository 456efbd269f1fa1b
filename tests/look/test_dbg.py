import pytest
@pytest.mark.urls("tests.look.gallery")
def test_dbg(chromium, live_server):
    for w in (360,320,1280):
        c=chromium.new_context(viewport={"width":w,"height":900},bypass_csp=True); p=c.new_page(); p.goto(f"{live_server.url}/gallery/errors/")
        print(w, p.evaluate("""()=>[...document.querySelectorAll('body *')].filter(e=>e.getBoundingClientRect().right>document.documentElement.clientWidth+1 && !e.closest('.scroll')).map(e=>e.tagName+'.'+e.className+'#'+e.id+' '+Math.round(e.getBoundingClientRect().right)).slice(0,25)"""))
        p.screenshot(path=f"/tmp/lk/shots/gal-{w}.png",full_page=True)
        if w==1280: print(p.evaluate("""() => { const rule = document.createElement("span"); rule.textContent = "0".repeat(70);
          document.querySelector("main").append(rule); const most = rule.getBoundingClientRect().width; rule.remove();
          return [...document.querySelectorAll("main p, .hint")].filter(p=>p.getBoundingClientRect().width>most).map(p=>p.outerHTML.slice(0,90)) }"""))
