export { mongoActivity, type MongoActivity, type MongoActivityOptions } from './stores/mongo-activity';
export { mongoAudit, type MongoAudit, type MongoAuditOptions } from './stores/mongo-audit';
export { mongoAccounts, type MongoAccounts, type MongoAccountsOptions } from './stores/mongo-accounts';
