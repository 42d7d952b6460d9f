/** Of the company: what the services read, unless a command names another. */
export const configFolder = (): string => process.env['PARLEY_CONFIG_DIR'] || 'config'
