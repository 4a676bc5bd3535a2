"""The workshop: two what-if cases side by side, on a map, in Spanish and English, offline.

Needs the extra ``trucesim[workshop]``. ``trucesim workshop`` opens the page (:mod:`.serve`).
"""
