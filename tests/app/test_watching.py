"""The check that nothing leaves the machine bites, whatever asks and whoever made the page."""

import pytest

ELSEWHERE = "192.0.2.1"  # of no network: reserved for examples
ASKS = {
    "fetch": f"fetch('http://{ELSEWHERE}/a', {{mode: 'no-cors'}}).catch(() => 0); 0",
    "picture": f"document.body.append(Object.assign(new Image(), {{src: 'http://{ELSEWHERE}/a'}}))",
    "socket": f"new WebSocket('ws://{ELSEWHERE}/a'); 0",
}


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("ask", ASKS)
def test_a_page_that_asks_another_host_is_caught(chromium, watch, ask, second):
    context, foreign, wrong = chromium.new_context(), [], []
    try:
        watch(context, foreign, wrong)
        page = context.new_page()
        page = page.context.new_page() if second else page
        assert foreign == []
        page.evaluate(ASKS[ask])
        for _ in range(200):
            if foreign:
                break
            page.wait_for_timeout(50)
        assert [url.split("/")[2] for url in foreign] == [ELSEWHERE]
        page.evaluate("console.error('told')")
        page.wait_for_timeout(100)
        assert "told" in wrong
    finally:
        context.close()
