/** English: complete, and the type of all other languages. */
import auth from './auth'
import campaigns from './campaigns'
import chats from './chats'
import contacts from './contacts'
import messages from './messages'
import monitoring from './monitoring'
import reports from './reports'
import shell from './shell'
import simulator from './simulator'
import ui from './ui'

export default { auth, campaigns, chats, contacts, messages, monitoring, reports, shell, simulator, ui }
