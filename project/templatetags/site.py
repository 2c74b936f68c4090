"""What every page of the site uses: its places, slots, sorted heads, big plots."""

import re
from typing import Any

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString

from project.listing import Listing
from project.places import MORE, PLACES, Place
from project.slots import filled

register = template.Library()


@register.simple_tag(takes_context=True)
def places(context: Any, more: bool = False) -> list[dict[str, Any]]:
    """The places with their addresses, and which of them this page is in."""
    path = context["request"].path
    return [_place(place, path) for place in (MORE if more else PLACES)]


def _place(place: Place, path: str) -> dict[str, Any]:
    url = reverse(place.page)
    here = path == url or path.startswith(place.prefixes) if place.prefixes else path == url
    return {"label": place.label, "url": url, "key": place.key, "here": here}


@register.simple_tag(takes_context=True)
def slot(context: Any, name: str, **about: Any) -> SafeString:
    """What other apps have to say at this place of the page."""
    request: HttpRequest = context["request"]
    return SafeString("".join(filled(name, request, **about)))


@register.simple_tag
def sort_head(listing: Listing, name: str, label: str, css: str = "") -> SafeString:
    """The head of a column that can be sorted by."""
    return format_html(
        '<th scope="col" class="{}" aria-sort="{}">'
        '<a href="{}">{}<span class="arrow" aria-hidden="true"></span></a></th>',
        css, listing.sorted_as(name), listing.sort_url(name), label,
    )  # fmt: skip


@register.simple_tag
def figure(id: str, source: Any, label: str, css: str = "", **data: str) -> SafeString:
    """A big interactive plot: ``source`` is a figure, or the address of one; ``data`` are its ``data-`` attributes.

    ``click="?ls={x}"`` goes there when a point is clicked, into ``target="#id"`` where one is named.
    """
    own = not isinstance(source, str)
    named = ((name.replace("_", "-"), value) for name, value in data.items())
    attributes = format_html_join("", ' data-{}="{}"', named)
    return format_html(
        '{}<div id="{}" class="plot-big {}" role="figure" aria-label="{}" data-figure="{}"{}></div>{}',
        _ahead("" if own else source), id, css, label, f"#{id}-data" if own else source, attributes,
        _hidden(f"{id}-data", source) if own else "",
    )  # fmt: skip


@register.simple_tag
def plotly() -> str:
    """The address of the library that draws big plots."""
    return static("plotly/plotly-cartesian.min.js")


def _ahead(source: str) -> SafeString:
    """Asks for the library and the figure while the page is still read: they are what the first view waits for."""
    library = format_html('<link rel="preload" as="script" href="{}">', plotly())
    if not source:
        return library
    return library + format_html('<link rel="preload" as="fetch" crossorigin href="{}">', source)


def _hidden(id: str, source: Any) -> SafeString:
    """A figure as text in the page: htmx takes script elements, even of data, out of what it swaps in."""
    script = json_script(source)
    text = SafeString(script.removeprefix('<script type="application/json">').removesuffix("</script>"))
    return format_html('<div hidden id="{}">{}</div>', id, text)


@register.filter
def prose(text: str) -> SafeString:
    """Text of a docstring, its ``code`` set as code."""
    parts = re.split(r"``(.+?)``", str(text))
    return format_html_join(
        "", "{}", ((_code(part) if number % 2 else part,) for number, part in enumerate(parts))
    )


def _code(text: str) -> SafeString:
    return format_html("<code>{}</code>", text)
