export { mongoAccounts, type MongoAccounts, type MongoAccountsOptions } from './stores/mongo-accounts';
