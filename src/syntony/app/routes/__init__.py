"""One file per page: routes translate, and call one function of a room below."""
