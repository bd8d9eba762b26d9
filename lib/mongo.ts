export { mongoActivity, type MongoActivity, type MongoActivityOptions } from './stores/mongo-activity';
export { mongoAccounts, type MongoAccounts, type MongoAccountsOptions } from './stores/mongo-accounts';
