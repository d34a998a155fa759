"""The study page: its sessions, the way in, and an empty folder."""


def test_the_study_page_lists_every_session(client):
    answer = client.get("/")
    assert answer.status_code == 200
    for n in range(1, 9):
        assert f'data-session="d0{n}s01"' in answer.text


def test_a_stranger_sees_no_session(stranger):
    assert stranger.get("/").status_code == 401
    sent = stranger.get("/", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/enter")
    assert "d01s01" not in stranger.get("/enter").text
