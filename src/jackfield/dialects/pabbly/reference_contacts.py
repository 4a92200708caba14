"""Contacts, settings, media and catalogs."""

from __future__ import annotations

from .reference import PAGINATION, Entry, may, need, success

ID = (need("id", "string", "24-hex id of the contact."),)
PAGES = (
    may("page", "integer", "From 1."),
    may("limit", "integer", "Page size."),
    may("search", "string", "Part of the name."),
)


CONTACT = {
    "_id": "677d07cd000000000000001f",
    "name": "Alex",
    "countryCode": "91",
    "mobile": "919812345678",
    "status": "active",
    "source": "api",
    "optin": True,
    "attributes": [{"name": "city", "value": "Bhopal", "_id": "67d01f300000000000000002"}],
    "incomingBlocked": False,
    "broadcastIds": [],
    "list": ["sups"],
    "tags": ["indian"],
    "__v": 0,
    "createdAt": "2024-12-11T06:54:55.969Z",
    "updatedAt": "2025-03-11T11:37:39.954Z",
}
CONTACTS: tuple[Entry, ...] = (
    Entry(
        tag="contacts",
        slug="create-contacts",
        title="Create contacts",
        method="POST",
        path="/contacts",
        about="One contact, its fields in the body; or many, as a list or in `contacts` (at most 1000).",
        params=(
            may("onDuplicate", "string", "skip (default) or overwrite."),
            need("mobile", "string", "Number with its dialing code."),
            may("name", "string", "Full name."),
            may("optin", "boolean", "Has agreed to marketing."),
            may("incomingBlocked", "boolean", "Keep out what the contact writes."),
            may("tags", "array", "Tags, which must exist in settings."),
            may("attributes", "array", "{name, value}; the names must exist in settings. Empty values are ignored."),
        ),
        request={
            "mobile": "919812345678",
            "name": "Alex cron",
            "optin": True,
            "incomingBlocked": False,
            "tags": ["indian", "vegetarian", "engineer"],
            "attributes": [{"name": "city", "value": "bhopal"}],
            "onDuplicate": "overwrite",
        },
        response=success(
            "1 contact saved successfully",
            {
                "createdContacts": [
                    {
                        "mobile": "919812345678",
                        "name": "Alex cron",
                        "optin": True,
                        "incomingBlocked": False,
                        "tags": ["engineer", "indian", "vegetarian"],
                        "attributes": [{"name": "city", "value": "bhopal"}],
                        "source": "api",
                        "list": ["all"],
                        "_id": "677d07cd000000000000001f",
                    }
                ],
                "failedCount": 0,
                "failedContacts": [],
            },
        ),
    ),
    Entry(
        tag="contacts",
        slug="update-contact",
        title="Update a contact",
        method="PUT",
        path="/contacts/{id}",
        about="Changes what is given.",
        in_path=ID,
        params=(
            may("mobile", "string", "Number with its dialing code."),
            may("name", "string", "Full name."),
            may("optin", "boolean", "Has agreed to marketing."),
            may("incomingBlocked", "boolean", "Keep out what the contact writes."),
            may("tags", "array", "Replaces all tags; they must exist in settings."),
            may("attributes", "array", "{name, value}; an empty value takes the attribute away."),
            may("tagsToAdd", "array", "Tags to put on; they must exist in settings."),
            may("tagsToRemove", "array", "Tags to take off; they must exist in settings."),
        ),
        request={"attributes": [{"name": "city", "value": "las vegas"}], "tagsToAdd": ["architect"]},
        response=success("Contact updated successfully", CONTACT),
    ),
    Entry(
        tag="contacts",
        slug="get-contacts",
        title="Get contacts",
        method="GET",
        path="/contacts/",
        about="Contacts, newest first. All filters hold together.",
        query=(
            may("name", "string", "Part of the name."),
            may("mobile", "string", "Part of the number."),
            may("tags", "string", "Tags separated by commas: has one of them."),
            may("order", "string", "-1 newest first (default), 1 oldest first."),
            may("optin", "string", "true or false."),
            may("source", "string", "api, csv, user, sync, wa or manual."),
            may("incomingBlocked", "string", "true or false."),
            may("limit", "string", "Page size: default and at most 25."),
            may("page", "string", "Page number from 1; wins over `skip`."),
            may("skip", "string", "How many to leave out."),
            may("attributes[0][name]", "string", "Name of a custom field; [1], [2] and so on for more."),
            may("attributes[0][value]", "string", "Its value. All of them must match."),
        ),
        response=success(
            "Contacts retrieved successfully",
            {
                "contacts": [CONTACT],
                "next": "https://chat.example.com/pabbly/api/v1/contacts?limit=25&page=2",
                "totalCount": 138,
                "currentPage": 1,
                "remainingCount": 113,
                "count": 25,
            },
        ),
    ),
    Entry(
        tag="contacts",
        slug="get-contact",
        title="Get a contact",
        method="GET",
        path="/contacts/{id}",
        about="One contact.",
        in_path=ID,
        response=success(
            "Contact retrieved successfully.",
            {
                **CONTACT,
                "settingId": "6764020a0000000000000001",
                "userId": "668e6cd70000000000000001",
                "lastActive": "2025-03-11T06:08:46.563Z",
            },
        ),
    ),
    Entry(
        tag="contacts",
        slug="get-contact-lists",
        title="Get contact lists",
        method="GET",
        path="/contacts/lists",
        about="All contact lists, newest first.",
        response=success(
            "Lists retrieved successfully.",
            {
                "lists": [
                    {
                        "_id": "67a0b5f50000000000000002",
                        "name": "sups",
                        "createdAt": "2025-02-03T12:26:29.843Z",
                        "incomingBlocked": False,
                        "tags": [],
                        "optin": True,
                        "attributes": [],
                    }
                ],
                "total": 1,
            },
        ),
    ),
    Entry(
        tag="settings",
        slug="get-all-tags",
        title="Get all tags",
        method="GET",
        path="/settings/tags",
        about="All tags, newest first.",
        response=success(
            "Tags retrieved successfully.",
            {
                "tags": [
                    {
                        "_id": "67ab344a0000000000000003",
                        "name": "engineer",
                        "createdAt": "2025-02-11T11:28:09.238Z",
                        "firstMessage": False,
                        "keywords": [],
                    }
                ],
                "total": 1,
            },
        ),
    ),
    Entry(
        tag="media",
        slug="retrieve-media-url",
        title="Get a link to a file",
        method="GET",
        path="/media",
        about="A signed link that works for an hour.",
        query=(need("id", "string", "Media id: the provider's, or ours."),),
        response=success(
            "Media retrieved successfully",
            {
                "mediaId": "1279244293838655",
                "mediaUrl": "https://chat.example.com/media/7?expires=1754480231&signature=...",
                "mimeType": "image/jpeg",
                "expiresAt": "2025-08-06T12:37:11.000Z",
            },
        ),
    ),
    Entry(
        tag="catalogs",
        slug="list-catalogs",
        title="List catalogs",
        method="GET",
        path="/catalogs",
        about="Catalogs linked to the business account (page size: default 10).",
        query=PAGES,
        response=success(
            "Catalogs fetched successfully",
            {
                "catalogs": [
                    {"catalogId": "847458390842216", "name": "Shoes_Catalog", "productCount": 6, "type": "commerce"}
                ],
                "selectedCatalogId": "847458390842216",
                "waBusinessPortfolioId": "121524073981000",
                "pagination": {"totalResults": 1, **PAGINATION},
            },
        ),
    ),
    Entry(
        tag="catalogs",
        slug="list-products",
        title="List products",
        method="GET",
        path="/catalogs/{catalogId}/products",
        about="Products of a catalog, one entry per variant (page size: default 20).",
        in_path=(need("catalogId", "string", "The catalog's id."),),
        query=PAGES,
        response=success(
            "Products fetched successfully",
            {
                "products": [
                    {
                        "productId": "8474583908400001",
                        "retailerId": "SHOE-001",
                        "retailerProductGroupId": "GROUP-TRAIL",
                        "catalogId": "847458390842216",
                        "name": "Trail Runner - Black - 42",
                        "description": "Trail Runner, in stock and ready to ship",
                        "price": "7999",
                        "salePrice": "6499",
                        "currency": "INR",
                        "availability": "in stock",
                        "status": "active",
                        "imageUrl": "https://example.com/images/shoe-001.jpg",
                        "url": "https://example.com/products/shoe-001",
                        "brand": "MyBrand",
                        "condition": "new",
                    }
                ],
                "catalogId": "847458390842216",
                "catalogName": "Shoes_Catalog",
                "pagination": {"totalResults": 1, **PAGINATION},
            },
        ),
    ),
)
