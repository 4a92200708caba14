export default {
  title: 'Catalogs', one: 'Catalog', all: 'All catalogs', synced: 'The catalogs are as the network has them now.', noChannel: 'None of the channels has catalogs. Connect a WhatsApp Cloud channel or a simulator.',
  empty: 'The account has no catalog.', emptyHelp: 'Link one to it at the network, then read it from there.', selected: 'In use', products: '{count} product | {count} products', read: 'Read {time}', missing: 'There is no such catalog.',
  search: 'Search name or id', list: 'Products', columns: { name: 'Product', id: 'Id', brand: 'Brand', availability: 'Availability', price: 'Price' }, none: 'No product matches.', noProducts: 'This catalog has no products.',
}
