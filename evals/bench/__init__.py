"""`make bench`: how long things take and how much memory they need, beside the bare alternative.

    turns      a turn of the embedded voice, step by step, with 1,000 kept reflections
    reader     the reader alone
    engine     a turn beside the same steps without the graph, and beside the graph alone
    recall     recall beside bare Chroma, from 100 to 100,000 reflections
    sentence   the first sentence of a model beside the bare `openai` client
    start      the app until its chat box can be typed in, beside a hello-world chat page; memory

Each is a module with a `measure`, run in a process of its own. `results` holds what they give,
`pairs` the arithmetic of comparing, `report` the page docs/performance.md, which nothing else
writes.
"""
