"""Messages from the document's own templates: which gaps they have, what fills them, what is still to be asked.

Pure. A template is text with gaps. Each gap is recognised by its words, or by those of the label that it stands behind;
what the incident knows is put in, what only a person knows is asked once and kept. Values are put in once: what one
holds is never a gap.
"""
