/** Hebrew: written from right to left. */
import account from './account'
import ai from './ai'
import audit from './audit'
import auth from './auth'
import automations from './automations'
import calls from './calls'
import campaigns from './campaigns'
import catalogs from './catalogs'
import channels from './channels'
import chats from './chats'
import contacts from './contacts'
import developers from './developers'
import groups from './groups'
import inbound from './inbound'
import keys from './keys'
import messages from './messages'
import monitoring from './monitoring'
import overview from './overview'
import reports from './reports'
import schedules from './schedules'
import settings from './settings'
import shell from './shell'
import simulator from './simulator'
import team from './team'
import templates from './templates'
import tickets from './tickets'
import ui from './ui'
import webhooks from './webhooks'

export default {
  account, ai, audit, auth, automations, calls, campaigns, catalogs, channels, chats, contacts, developers, groups, inbound, keys,
  messages, monitoring, overview, reports, schedules, settings, shell, simulator, team, templates, tickets, ui, webhooks,
}
