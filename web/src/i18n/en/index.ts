/** English: complete, and the type of all other languages. */
import account from './account'
import audit from './audit'
import auth from './auth'
import campaigns from './campaigns'
import channels from './channels'
import chats from './chats'
import contacts from './contacts'
import developers from './developers'
import inbound from './inbound'
import keys from './keys'
import messages from './messages'
import monitoring from './monitoring'
import overview from './overview'
import reports from './reports'
import settings from './settings'
import shell from './shell'
import simulator from './simulator'
import team from './team'
import templates from './templates'
import ui from './ui'
import webhooks from './webhooks'

export default {
  account, audit, auth, campaigns, channels, chats, contacts, developers, inbound, keys, messages, monitoring, overview,
  reports, settings, shell, simulator, team, templates, ui, webhooks,
}
