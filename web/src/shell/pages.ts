/**
 * The pages of the dashboard in the order of the navigation. A page that is added here has its link, its routes, its
 * command and its key.
 */
import type { RouteRecordRaw } from 'vue-router'
import type { TextKey } from '../i18n'

export interface PageEntry {
  name: string
  label: TextKey
  icon: string
  to: string
  /** `main` above the line, `more` below it, `foot` at the foot; `menu` is in the account's menu alone. */
  group: 'main' | 'more' | 'foot' | 'menu'
  /** Stands in the bottom bar at phone width. */
  bottom?: boolean
  /** The scope without which the link is not shown. */
  scope?: string
  /** Only where there is a simulator channel. */
  simulator?: boolean
  /** The key after `g` that goes there. */
  key?: string
  routes: RouteRecordRaw[]
}

export const PAGES: PageEntry[] = [
  {
    name: 'overview',
    label: 'shell.pages.overview',
    icon: 'i-lucide-gauge',
    to: '/overview',
    group: 'main',
    scope: 'usage:read',
    key: 'v',
    routes: [{ path: 'overview', name: 'overview', component: () => import('../overview/OverviewPage.vue') }],
  },
  {
    name: 'inbox',
    label: 'shell.pages.inbox',
    icon: 'i-lucide-inbox',
    to: '/inbox',
    group: 'main',
    bottom: true,
    scope: 'chats:read',
    key: 'i',
    routes: [{ path: 'inbox/:chatId?', name: 'inbox', component: () => import('../chats/InboxPage.vue') }],
  },
  {
    name: 'campaigns',
    label: 'shell.pages.campaigns',
    icon: 'i-lucide-megaphone',
    to: '/campaigns',
    group: 'main',
    bottom: true,
    scope: 'campaigns:read',
    key: 'c',
    routes: [
      { path: 'campaigns', name: 'campaigns', component: () => import('../campaigns/CampaignsPage.vue') },
      { path: 'campaigns/new', name: 'new-campaign', component: () => import('../campaigns/wizard/WizardPage.vue') },
      { path: 'campaigns/:campaignId', name: 'campaign', component: () => import('../campaigns/CampaignPage.vue') },
    ],
  },
  {
    name: 'contacts',
    label: 'shell.pages.contacts',
    icon: 'i-lucide-users',
    to: '/contacts',
    group: 'main',
    bottom: true,
    scope: 'contacts:read',
    key: 'p',
    routes: [
      { path: 'contacts', name: 'contacts', component: () => import('../contacts/ContactsPage.vue') },
      { path: 'contacts/import', name: 'import-contacts', component: () => import('../contacts/ImportPage.vue') },
      { path: 'contacts/groups', name: 'contact-groups', component: () => import('../contacts/GroupsPage.vue') },
      { path: 'contacts/:contactId', name: 'contact', component: () => import('../contacts/ContactPage.vue') },
    ],
  },
  {
    name: 'templates',
    label: 'shell.pages.templates',
    icon: 'i-lucide-layout-template',
    to: '/templates',
    group: 'main',
    scope: 'templates:read',
    key: 't',
    routes: [
      { path: 'templates', name: 'templates', component: () => import('../templates/TemplatesPage.vue') },
      { path: 'templates/new', name: 'new-template', component: () => import('../templates/editor/EditorPage.vue') },
      { path: 'templates/:templateId', name: 'template', component: () => import('../templates/TemplatePage.vue') },
      { path: 'templates/:templateId/edit', name: 'edit-template', component: () => import('../templates/editor/EditorPage.vue') },
    ],
  },
  {
    name: 'messages',
    label: 'shell.pages.messages',
    icon: 'i-lucide-messages-square',
    to: '/messages',
    group: 'main',
    scope: 'messages:read',
    key: 'm',
    routes: [{ path: 'messages/:messageId?', name: 'messages', component: () => import('../messages/MessagesPage.vue') }],
  },
  {
    name: 'channels',
    label: 'shell.pages.channels',
    icon: 'i-lucide-radio',
    to: '/channels',
    group: 'main',
    scope: 'channels:read',
    key: 'h',
    routes: [
      { path: 'channels', name: 'channels', component: () => import('../profiles/ChannelsPage.vue') },
      { path: 'channels/new', name: 'new-channel', component: () => import('../profiles/NewChannelPage.vue') },
      { path: 'channels/:channelId', name: 'channel', component: () => import('../profiles/ChannelPage.vue') },
    ],
  },
  {
    name: 'reports',
    label: 'shell.pages.reports',
    icon: 'i-lucide-chart-column',
    to: '/reports',
    group: 'main',
    bottom: true,
    scope: 'usage:read',
    key: 'r',
    routes: [{ path: 'reports', name: 'reports', component: () => import('../reports/ReportsPage.vue') }],
  },
  {
    name: 'tickets',
    label: 'shell.pages.tickets',
    icon: 'i-lucide-ticket',
    to: '/tickets',
    group: 'more',
    scope: 'tickets:read',
    routes: [
      { path: 'tickets', name: 'tickets', component: () => import('../tickets/TicketsPage.vue') },
      { path: 'tickets/:ticketId', name: 'ticket', component: () => import('../tickets/TicketPage.vue') },
    ],
  },
  {
    name: 'groups',
    label: 'shell.pages.groups',
    icon: 'i-lucide-users-round',
    to: '/groups',
    group: 'more',
    scope: 'groups:read',
    routes: [
      { path: 'groups', name: 'groups', component: () => import('../groups/GroupsPage.vue') },
      { path: 'groups/:groupId', name: 'group', component: () => import('../groups/GroupPage.vue') },
    ],
  },
  {
    name: 'calls',
    label: 'shell.pages.calls',
    icon: 'i-lucide-phone',
    to: '/calls',
    group: 'more',
    scope: 'calls:read',
    routes: [
      { path: 'calls', name: 'calls', component: () => import('../calls/CallsPage.vue') },
    ],
  },
  {
    name: 'catalogs',
    label: 'shell.pages.catalogs',
    icon: 'i-lucide-store',
    to: '/catalogs',
    group: 'more',
    scope: 'catalogs:read',
    routes: [
      { path: 'catalogs', name: 'catalogs', component: () => import('../catalogs/CatalogsPage.vue') },
      { path: 'catalogs/:catalogId', name: 'catalog', component: () => import('../catalogs/CatalogPage.vue') },
    ],
  },
  {
    name: 'schedules',
    label: 'shell.pages.schedules',
    icon: 'i-lucide-calendar-clock',
    to: '/scheduled',
    group: 'more',
    scope: 'messages:read',
    routes: [
      { path: 'scheduled', name: 'schedules', component: () => import('../schedules/SchedulesPage.vue') },
    ],
  },
  {
    name: 'automations',
    label: 'shell.pages.automations',
    icon: 'i-lucide-zap',
    to: '/automations',
    group: 'more',
    scope: 'automations:read',
    routes: [
      { path: 'automations', name: 'automations', component: () => import('../automations/AutomationsPage.vue') },
      { path: 'automations/new', name: 'new-automation', component: () => import('../automations/editor/NewPage.vue') },
      { path: 'automations/:automationId', name: 'automation', component: () => import('../automations/AutomationPage.vue') },
    ],
  },
  {
    name: 'webhooks',
    label: 'shell.pages.webhooks',
    icon: 'i-lucide-webhook',
    to: '/webhooks',
    group: 'foot',
    scope: 'webhooks:read',
    routes: [
      { path: 'webhooks', name: 'webhooks', component: () => import('../webhooks/WebhooksPage.vue') },
      { path: 'webhooks/:webhookId/:deliveryId?', name: 'webhook', component: () => import('../webhooks/WebhookPage.vue') },
    ],
  },
  {
    name: 'developers',
    label: 'shell.pages.developers',
    icon: 'i-lucide-code-xml',
    to: '/developers',
    group: 'foot',
    scope: 'keys:read',
    routes: [{ path: 'developers/:tab?', name: 'developers', component: () => import('../developers/DevelopersPage.vue') }],
  },
  {
    name: 'audit',
    label: 'shell.pages.audit',
    icon: 'i-lucide-scroll-text',
    to: '/audit',
    group: 'foot',
    scope: 'audit:read',
    routes: [{ path: 'audit', name: 'audit', component: () => import('../audit/AuditPage.vue') }],
  },
  {
    name: 'team',
    label: 'shell.pages.team',
    icon: 'i-lucide-user-cog',
    to: '/team',
    group: 'foot',
    scope: 'team:read',
    routes: [{ path: 'team', name: 'team', component: () => import('../team/TeamPage.vue') }],
  },
  {
    name: 'settings',
    label: 'shell.pages.settings',
    icon: 'i-lucide-settings',
    to: '/settings',
    group: 'foot',
    scope: 'workspace:read',
    routes: [{ path: 'settings', name: 'settings', component: () => import('../workspace/SettingsPage.vue') }],
  },
  {
    name: 'phone',
    label: 'shell.pages.phone',
    icon: 'i-lucide-smartphone',
    to: '/phone',
    group: 'foot',
    scope: 'chats:read',
    simulator: true,
    key: 'o',
    routes: [{ path: 'phone', name: 'phone', component: () => import('../simulator/PhonePage.vue') }],
  },
  {
    name: 'account',
    label: 'shell.account',
    icon: 'i-lucide-circle-user-round',
    to: '/account',
    group: 'menu',
    routes: [{ path: 'account', name: 'account', component: () => import('../account/AccountPage.vue') }],
  },
]
