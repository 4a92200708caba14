/** Types of OpenAPI documents by openapi-typescript: `node types.mjs <name>...` makes <name>.ts of <name>.json. */
import { readFileSync, writeFileSync } from 'node:fs'

import openapiTS, { astToString } from 'openapi-typescript'

for (const name of process.argv.slice(2)) {
  const made = await openapiTS(JSON.parse(readFileSync(`${name}.json`, 'utf-8')), { defaultNonNullable: false })
  writeFileSync(`${name}.ts`, astToString(made))
}
