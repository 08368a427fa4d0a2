/// Well-known networks, one short file each, written as a user would write them.
package adjoint.models;
