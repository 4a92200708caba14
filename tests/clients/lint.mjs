/** Redocly's linter over OpenAPI documents: prints its errors, one a line. `node lint.mjs <file>...` */
import { createConfig, lint } from '@redocly/openapi-core'

const config = await createConfig({ extends: ['recommended'] })
for (const ref of process.argv.slice(2)) {
  for (const one of await lint({ ref, config })) {
    if (one.severity === 'error') console.log(`${ref}: ${one.ruleId}: ${one.message} ${one.location[0]?.pointer ?? ''}`)
  }
}
